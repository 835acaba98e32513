namespace EtcdBackup.Stores.FileSystem;

/// <summary>Tells "no space left" and "quota exceeded" from other failures of a file system.</summary>
internal static class DiskFull
{
    // errno of Linux (ENOSPC 28, EFBIG 27, EDQUOT 122) and the code that .NET gives to a failed preallocation (ERROR_DISK_FULL)
    public static bool Is(IOException e) => e.HResult is 28 or 27 or 122 or unchecked((int)0x80070070);

    public static StoreFullException Because(string where, IOException e) =>
        new($"no room in '{where}': {e.Message}. Free space or lower maxBackups; older backups are untouched", e);
}
