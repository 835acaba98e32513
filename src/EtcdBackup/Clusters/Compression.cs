namespace EtcdBackup.Clusters;

/// <summary>How backups are compressed in the store.</summary>
public enum Compression
{
    /// <summary>Not compressed.</summary>
    None,

    /// <summary>Zstandard in independent frames (the <c>zstd</c> command opens it).</summary>
    Zstd,
}
