namespace EtcdBackup.Stores.FileSystem;

/// <summary>Distinguishes "no space left" and "quota exceeded" from other failures of a file system.</summary>
internal static class DiskFull
{
    /// <summary>Whether there was no room for a file, also when its room was reserved as it was opened.</summary>
    public static bool Is(IOException e) => IsNoSpace(e) || IsFailedReservation(e);

    /// <summary>Whether the system itself said that there is no room.</summary>
    // .NET puts errno into HResult (Linux: ENOSPC 28, EFBIG 27, EDQUOT 122) …
    public static bool IsNoSpace(IOException e) => e.HResult is 28 or 27 or 122;

    // … but if room could not be reserved when a file was opened, it leaves its general code, COR_E_IO, which no other failure of an open
    // has.
    private static bool IsFailedReservation(IOException e) => e.GetType() == typeof(IOException) && e.HResult == unchecked((int)0x80131620);

    public static StoreFullException Because(string where, IOException e) =>
        new($"no room in '{where}': {e.Message}. Free space or lower maxBackups; older backups are untouched", e);
}
