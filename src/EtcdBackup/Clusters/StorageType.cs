namespace EtcdBackup.Clusters;

/// <summary>The kinds of store that the contract names.</summary>
public enum StorageType
{
    /// <summary>A directory of the service: its data directory, or a mounted volume.</summary>
    PersistentVolume,

    /// <summary>A bucket of S3 or of a store that speaks its protocol.</summary>
    S3,

    /// <summary>A container of Azure Blob Storage.</summary>
    ABS,
}
