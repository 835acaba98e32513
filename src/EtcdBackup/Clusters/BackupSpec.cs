namespace EtcdBackup.Clusters;

/// <summary>
/// The <c>spec.backup</c> of the original <c>EtcdCluster</c> resource (group etcd.database.coreos.com/v1beta2), with its names and
/// meaning.
/// </summary>
public sealed record BackupSpec
{
    /// <summary>The interval that 0 stands for.</summary>
    public const int DefaultIntervalInSecond = 1800;

    /// <summary>Seconds between two backups; 0 means <see cref="DefaultIntervalInSecond"/>.</summary>
    public int BackupIntervalInSecond { get; init; }

    /// <summary>Keep at most this many backups; 0 means all.</summary>
    public int MaxBackups { get; init; }

    /// <summary>More rules of what to keep; null: none.</summary>
    public RetentionSpec? Retention { get; init; }

    /// <summary>Where backups go.</summary>
    public StorageType StorageType { get; init; }

    /// <summary>The volume claim of the original. Accepted for its users; the volume itself comes from the deployment.</summary>
    public PvSpec? Pv { get; init; }

    /// <summary>The bucket, when <see cref="StorageType"/> is S3.</summary>
    public S3Spec? S3 { get; init; }

    /// <summary>The container, when <see cref="StorageType"/> is ABS.</summary>
    public AbsSpec? Abs { get; init; }

    /// <summary>Whether new backups are compressed in the store; they are served uncompressed.</summary>
    public Compression Compression { get; init; }

    /// <summary>Whether new backups are encrypted in the store; they are served decrypted.</summary>
    public Encryption Encryption { get; init; }

    /// <summary>Delete the backups when the cluster is deleted.</summary>
    public bool AutoDelete { get; init; }

    /// <summary>How far each backup is compared with the live member that gave it.</summary>
    public ProofLevel Proof { get; init; } = ProofLevel.Revision;

    /// <summary>Whether a learner, which serves no clients, gives the snapshot if there is one.</summary>
    public bool PreferLearner { get; init; }

    /// <summary>The change log; null: none.</summary>
    public LogSpec? Log { get; init; }

    /// <summary>The time between two backups.</summary>
    public TimeSpan Interval => TimeSpan.FromSeconds(BackupIntervalInSecond == 0 ? DefaultIntervalInSecond : BackupIntervalInSecond);
}

/// <summary>The original's volume claim.</summary>
public sealed record PvSpec
{
    /// <summary>Size of the claim in MB.</summary>
    public int VolumeSizeInMB { get; init; }

    /// <summary>Storage class of the claim.</summary>
    public string StorageClass { get; init; } = "";
}
