namespace EtcdBackup.Clusters;

/// <summary>How backups are compressed at rest.</summary>
public enum Compression
{
    /// <summary>Not.</summary>
    None,

    /// <summary>Zstandard, in frames of their own (the <c>zstd</c> command opens it).</summary>
    Zstd,
}
