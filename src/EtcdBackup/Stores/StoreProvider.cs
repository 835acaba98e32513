using EtcdBackup.Clusters;
using EtcdBackup.Secrets;
using EtcdBackup.Stores.AzureBlob;
using EtcdBackup.Stores.FileSystem;
using EtcdBackup.Stores.Remote;
using EtcdBackup.Stores.S3;
using EtcdBackup.Tls;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Stores;

/// <summary>
/// Gives the store that a backup spec names, with a <see cref="StoreEdge"/> around it. Clusters that share a bucket and a secret share a
/// store.
/// </summary>
public sealed class StoreProvider : IBackupStores
{
    private readonly ISecrets _secrets;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly TimeSpan _silence;
    private readonly string _caFile;
    private readonly ResourceLimits _resources;
    private readonly AddressRules _ofResources;
    private readonly RemoteLimits _limits;
    private readonly RemoteStores _remote;

    /// <summary>Makes the stores of this machine.</summary>
    /// <param name="options">The places on this machine.</param>
    /// <param name="secrets">Where the secrets of stores are.</param>
    /// <param name="time">Decides the age of leftovers, and measures silence.</param>
    /// <param name="loggers">For the stores.</param>
    public StoreProvider(StoreOptions options, ISecrets secrets, TimeProvider time, ILoggerFactory loggers)
    {
        (_secrets, _time, _loggers, _silence, _caFile) = (secrets, time, loggers, options.Silence, options.CaFile);
        (_resources, _ofResources) = (options.Resources, AddressRules.Of(options.Resources.AllowedAddresses));
        _limits = RemoteLimits.Default with { Silence = _silence, Live = new LiveUploads() };
        _remote = new RemoteStores(time);
        var root = Path.GetFullPath(options.Volume);
        Volume = Edge(new FileSystemStore(root, time), "volume", root);
        var scratch = Path.GetFullPath(options.Scratch);
        var spool = Path.Combine(scratch, Scratch.SpoolFolder);
        Spool = Edge(new FileSystemStore(spool, time), "spool", spool);
        var limit = new SilenceLimit($"the scratch directory '{scratch}'", _silence, time);
        Scratch = new Scratch(scratch, time) { Limit = limit };
        VerifyScratch = new Scratch(Path.Combine(scratch, Scratch.VerifyFolder), time) { Limit = limit, KeepsRoomForBackups = true };
    }

    /// <summary>The store on this machine.</summary>
    public IBackupStore Volume { get; }

    /// <summary>Files on their way to remote stores. Its sweep removes those of <see cref="VerifyScratch"/> too.</summary>
    public Scratch Scratch { get; }

    /// <summary>Copies of backups that are read back: refused when they would take the room that new backups need.</summary>
    public Scratch VerifyScratch { get; }

    /// <summary>Segments of change logs that wait on this machine for their stores.</summary>
    public IBackupStore Spool { get; }

    /// <summary>All recently used stores.</summary>
    public IEnumerable<IBackupStore> All => [Volume, Spool, .. _remote.All];

    /// <summary>
    /// Where backups of a spec go, apart from prefix and login: if this is slow or down for one cluster, it is for all that use it.
    /// </summary>
    public static string PlaceOf(BackupSpec backup) => backup switch
    {
        { StorageType: StorageType.S3, S3: { } s3 } => $"s3 {Server(s3.Endpoint, "amazonaws")} {s3.S3Bucket}",
        { StorageType: StorageType.ABS, Abs: { } abs } => $"abs {Server(abs.Endpoint, abs.AbsSecret)} {abs.AbsContainer}",
        _ => "volume",
    };

    /// <summary>The store of a cluster's backups.</summary>
    /// <exception cref="StoreException">Its secret cannot be read, or makes no client.</exception>
    public async ValueTask<IBackupStore> ForAsync(ClusterSpec spec, CancellationToken cancellationToken) => spec.Backup switch
    {
        { StorageType: StorageType.S3, S3: { } s3 } => Remote(
            s3,
            spec,
            await SecretAsync(spec, s3.AwsSecret, cancellationToken),
            await ConnectionsAsync(spec, cancellationToken),
            (secret, connections) => Edge(S3(s3, secret, connections), "bucket", s3.S3Bucket)),
        { StorageType: StorageType.ABS, Abs: { } abs } => Remote(
            abs,
            spec,
            await SecretAsync(spec, abs.AbsSecret, cancellationToken),
            await ConnectionsAsync(spec, cancellationToken),
            (secret, connections) => Edge(Azure(abs, secret, connections), "container", abs.AbsContainer)),
        _ => Volume,
    };

    // The account of an Azure container without an endpoint is in the secret.
    private static string Server(string endpoint, string otherwise) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var address) ? address.ToString().TrimEnd('/') : otherwise;

    private IBackupStore Remote(
        object spec, ClusterSpec cluster, Secret? secret, StoreConnections connections,
            Func<Secret?, StoreConnections, IBackupStore> create)
    {
        try
        {
            var owner = secret is null ? "" : $"{cluster.Key.Namespace}/{secret.Name}";
            return _remote.Get(
                ((spec, cluster.IsOfResource), owner),
                secret?.Fingerprint + connections.Authorities?.Pem,
                () => create(secret, connections));
        }
        catch (Exception e) when (e is not StoreException)
        {
            // SDKs refuse addresses, regions and keys each in their own way.
            throw new StoreException($"no store for {cluster.Key}: {e.Message} Check the spec's backup and its secret", e);
        }
    }

    private S3Store S3(S3Spec s3, Secret? secret, StoreConnections connections) => new(
        S3Clients.Create(s3, secret, _silence, connections), s3.S3Bucket, s3.Prefix, Scratch, _limits, _time,
        _loggers.CreateLogger<S3Store>());

    private AzureBlobStore Azure(AbsSpec abs, Secret? secret, StoreConnections connections) => new(
        AzureClients.Create(abs, secret, _silence, connections), Scratch, _limits, _time, _loggers.CreateLogger<AzureBlobStore>());

    private StoreEdge Edge(IBackupStore store, string kind, string name)
    {
        var where = $"the {kind} '{name}'";
        return new(store, where, $"{kind} {name}", new SilenceLimit(where, _silence, _time), _loggers.CreateLogger<StoreEdge>());
    }

    private async ValueTask<StoreConnections> ConnectionsAsync(ClusterSpec spec, CancellationToken cancellationToken)
    {
        var rules = spec.IsOfResource ? _ofResources : AddressRules.All;
        try
        {
            var authorities = _caFile == "" ? null
                : new StoreAuthorities(await File.ReadAllTextAsync(_caFile, cancellationToken), $"Backups:StoreCaFile '{_caFile}'");
            return new StoreConnections(authorities, rules);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"Backups:StoreCaFile '{_caFile}' cannot be read: {e.Message}", e);
        }
    }

    private async ValueTask<Secret?> SecretAsync(ClusterSpec spec, string name, CancellationToken cancellationToken)
    {
        if (name == "")
        {
            return _resources.IdentityProblem(spec) is { } problem ? throw new StoreException(problem) : null;
        }

        var limit = new SilenceLimit("where secrets are kept", _silence, _time);
        try
        {
            return await limit.RunAsync(
                $"the secret '{name}' of {spec.Key}",
                async cancel => await _secrets.ReadAsync(spec.Key.Namespace, name, cancel),
                cancellationToken);
        }
        catch (SecretException e)
        {
            throw new StoreException(e.Message, e);
        }
        catch (Exception e) when (StoreErrors.IsForeign(e, cancellationToken))
        {
            throw new StoreException($"the secret '{name}' of {spec.Key} cannot be read: {e.Message}. The next run tries again", e);
        }
    }
}
