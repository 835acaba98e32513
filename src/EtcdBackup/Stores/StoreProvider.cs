using System.Collections.Concurrent;
using EtcdBackup.Clusters;
using EtcdBackup.Stores.AzureBlob;
using EtcdBackup.Stores.FileSystem;
using EtcdBackup.Stores.Remote;
using EtcdBackup.Stores.S3;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Stores;

/// <summary>Where stores keep what is theirs on this machine.</summary>
/// <param name="Volume">Root of the <see cref="StorageType.PersistentVolume"/> store.</param>
/// <param name="Scratch">Backups on their way to other stores.</param>
/// <param name="Secrets">The directory that secrets are mounted in; empty when there is none.</param>
public sealed record StoreOptions(string Volume, string Scratch, string Secrets)
{
    /// <summary>How long a remote store may send nothing while it is read.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Gives the store that a backup spec names. Clusters that share a bucket and a secret share a store.</summary>
/// <param name="options">The places on this machine.</param>
/// <param name="time">Judges the age of leftovers.</param>
/// <param name="loggers">For the stores.</param>
public sealed class StoreProvider(StoreOptions options, TimeProvider time, ILoggerFactory loggers)
{
    private readonly FileSystemStore _volume = new(Path.GetFullPath(options.Volume), time);
    private readonly RemoteLimits _limits = RemoteLimits.Default with { Silence = options.Silence };
    private readonly SecretDirectory _secrets = new(options.Secrets);
    private readonly ConcurrentDictionary<(object Spec, string Secret), RemoteStore> _remote = new();

    /// <summary>The store on this machine.</summary>
    public IBackupStore Volume => _volume;

    /// <summary>Files on their way to stores elsewhere.</summary>
    public Scratch Scratch { get; } = new(Path.GetFullPath(options.Scratch), time);

    /// <summary>All stores that were asked for so far.</summary>
    public IEnumerable<IBackupStore> All => [_volume, .. _remote.Values.Select(r => r.Store)];

    /// <summary>The store of a cluster's backups.</summary>
    /// <exception cref="StoreException">Its secret cannot be read.</exception>
    public IBackupStore For(ClusterSpec spec) => spec.Backup switch
    {
        { StorageType: StorageType.S3, S3: { } s3 } => Remote(s3, Secret(spec, s3.AwsSecret), secret =>
            new S3Store(S3Clients.Create(s3, secret), s3.S3Bucket, s3.Prefix, Scratch, _limits, time, loggers.CreateLogger<S3Store>())),
        { StorageType: StorageType.ABS, Abs: { } abs } => Remote(abs, Secret(spec, abs.AbsSecret), secret =>
            new AzureBlobStore(AzureClients.Create(abs, secret), Scratch, _limits, time, loggers.CreateLogger<AzureBlobStore>())),
        _ => _volume,
    };

    private Secret? Secret(ClusterSpec spec, string name) => name == "" ? null : _secrets.Read(spec.Key.Namespace, name);

    // A renewed secret makes a new store; the old one serves what still runs on it.
    private IBackupStore Remote(object spec, Secret? secret, Func<Secret?, IBackupStore> create)
    {
        var fingerprint = secret?.Fingerprint ?? "";
        return _remote.AddOrUpdate(
            (spec, secret?.Directory ?? ""),
            _ => new RemoteStore(fingerprint, create(secret)),
            (_, known) => known.Fingerprint == fingerprint ? known : new RemoteStore(fingerprint, create(secret))).Store;
    }

    private sealed record RemoteStore(string Fingerprint, IBackupStore Store);
}
