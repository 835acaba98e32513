namespace EtcdBackup.Encodings;

/// <summary>What was done to a snapshot's bytes in the store, in this order. It shows in the object's name, as the end of it.</summary>
[Flags]
public enum BackupEncoding
{
    /// <summary>Nothing: the object is the snapshot.</summary>
    None = 0,

    /// <summary>Compressed: <c>.zst</c>.</summary>
    Zstd = 1,

    /// <summary>Encrypted: <c>.age</c>.</summary>
    Age = 2,
}

/// <summary>The ends of names.</summary>
internal static class BackupEncodings
{
    /// <summary>What a name ends with.</summary>
    public static string Suffix(this BackupEncoding encoding) =>
        (encoding.HasFlag(BackupEncoding.Zstd) ? ".zst" : "") + (encoding.HasFlag(BackupEncoding.Age) ? ".age" : "");
}
