namespace EtcdBackup.Encodings;

/// <summary>How a snapshot's bytes are encoded in the store, in this order. The suffix of the object's name shows it.</summary>
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
