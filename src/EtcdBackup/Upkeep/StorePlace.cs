using EtcdBackup.Clusters;

namespace EtcdBackup.Upkeep;

/// <summary>The place of a spec's backups: two specs with equal places mean the same objects.</summary>
internal sealed record StorePlace(StorageType Type, S3Spec? S3, AbsSpec? Abs)
{
    /// <summary>The place of a spec's backups.</summary>
    public static StorePlace Of(ClusterSpec spec) => spec.Backup switch
    {
        { StorageType: StorageType.S3 } b => new StorePlace(StorageType.S3, b.S3, null),
        { StorageType: StorageType.ABS } b => new StorePlace(StorageType.ABS, null, b.Abs),
        _ => new StorePlace(StorageType.PersistentVolume, null, null),
    };
}
