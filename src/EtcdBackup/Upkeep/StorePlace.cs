using EtcdBackup.Clusters;

namespace EtcdBackup.Upkeep;

/// <summary>Where a spec's backups are: two specs with equal ones mean the same objects.</summary>
internal sealed record StorePlace(StorageType Type, S3Spec? S3, AbsSpec? Abs)
{
    /// <summary>Of a spec.</summary>
    public static StorePlace Of(ClusterSpec spec) => spec.Backup switch
    {
        { StorageType: StorageType.S3 } b => new StorePlace(StorageType.S3, b.S3, null),
        { StorageType: StorageType.ABS } b => new StorePlace(StorageType.ABS, null, b.Abs),
        _ => new StorePlace(StorageType.PersistentVolume, null, null),
    };
}
