using System.Collections.Concurrent;
using EtcdBackup.Clusters;
using EtcdBackup.Secrets;
using EtcdBackup.Stores.AzureBlob;
using EtcdBackup.Stores.FileSystem;
using EtcdBackup.Stores.Remote;
using EtcdBackup.Stores.S3;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Stores;

/// <summary>Where stores keep what is theirs on this machine.</summary>
/// <param name="Volume">Root of the <see cref="StorageType.PersistentVolume"/> store.</param>
/// <param name="Scratch">Backups on their way to other stores.</param>
public sealed record StoreOptions(string Volume, string Scratch)
{
    /// <summary>How long a remote store may send nothing while it is read.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Gives the store that a backup spec names. Clusters that share a bucket and a secret share a store.</summary>
/// <param name="options">The places on this machine.</param>
/// <param name="secrets">Where the secrets of stores are.</param>
/// <param name="time">Judges the age of leftovers.</param>
/// <param name="loggers">For the stores.</param>
public sealed class StoreProvider(StoreOptions options, ISecrets secrets, TimeProvider time, ILoggerFactory loggers) : IBackupStores
{
    private readonly FileSystemStore _volume = new(Path.GetFullPath(options.Volume), time);
    private readonly RemoteLimits _limits = RemoteLimits.Default with { Silence = options.Silence };
    private readonly ConcurrentDictionary<(object Spec, string Secret), RemoteStore> _remote = new();

    /// <summary>Where a spec's backups go, as far as slots are concerned.</summary>
    public static string PlaceOf(BackupSpec backup) => backup switch
    {
        { StorageType: StorageType.S3, S3: { } s3 } => $"s3 {s3.Endpoint} {s3.S3Bucket}",
        { StorageType: StorageType.ABS, Abs: { } abs } => $"abs {abs.Endpoint} {abs.AbsContainer}",
        _ => "volume",
    };

    /// <summary>The store on this machine.</summary>
    public IBackupStore Volume => _volume;

    /// <summary>Files on their way to stores elsewhere.</summary>
    public Scratch Scratch { get; } = new(Path.GetFullPath(options.Scratch), time);

    /// <summary>Copies of backups that are read back.</summary>
    public Scratch VerifyScratch { get; } = new(Path.GetFullPath(options.Scratch), time);

    /// <summary>All stores that were asked for so far.</summary>
    public IEnumerable<IBackupStore> All => [_volume, .. _remote.Values.Select(r => r.Store)];

    /// <summary>The store of a cluster's backups.</summary>
    /// <exception cref="StoreException">Its secret cannot be read.</exception>
    public async ValueTask<IBackupStore> ForAsync(ClusterSpec spec, CancellationToken cancellationToken) => spec.Backup switch
    {
        { StorageType: StorageType.S3, S3: { } s3 } => Remote(s3, spec.Key.Namespace, await SecretAsync(spec, s3.AwsSecret, cancellationToken), secret =>
            new S3Store(S3Clients.Create(s3, secret), s3.S3Bucket, s3.Prefix, Scratch, _limits, time, loggers.CreateLogger<S3Store>())),
        { StorageType: StorageType.ABS, Abs: { } abs } => Remote(abs, spec.Key.Namespace, await SecretAsync(spec, abs.AbsSecret, cancellationToken), secret =>
            new AzureBlobStore(AzureClients.Create(abs, secret), Scratch, _limits, time, loggers.CreateLogger<AzureBlobStore>())),
        _ => _volume,
    };

    private async ValueTask<Secret?> SecretAsync(ClusterSpec spec, string name, CancellationToken cancellationToken)
    {
        try
        {
            return name == "" ? null : await secrets.ReadAsync(spec.Key.Namespace, name, cancellationToken);
        }
        catch (SecretException e)
        {
            throw new StoreException(e.Message, e);
        }
    }

    // A renewed secret makes a new store; the old one serves what still runs on it.
    private IBackupStore Remote(object spec, string secretNamespace, Secret? secret, Func<Secret?, IBackupStore> create)
    {
        var fingerprint = secret?.Fingerprint ?? "";
        try
        {
            return _remote.AddOrUpdate(
                (spec, secret is null ? "" : $"{secretNamespace}/{secret.Name}"),
                _ => new RemoteStore(fingerprint, create(secret)),
                (_, known) => known.Fingerprint == fingerprint ? known : new RemoteStore(fingerprint, create(secret))).Store;
        }
        catch (SecretException e)
        {
            throw new StoreException(e.Message, e);
        }
    }

    private sealed record RemoteStore(string Fingerprint, IBackupStore Store);
}
