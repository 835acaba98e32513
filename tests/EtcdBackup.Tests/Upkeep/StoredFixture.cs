using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Scheduling;
using EtcdBackup.Secrets;
using EtcdBackup.Stores;
using EtcdBackup.Testing;
using EtcdBackup.Tests.Catalog;
using EtcdBackup.Upkeep;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EtcdBackup.Tests.Upkeep;

/// <summary>Stored backups of one cluster in a real file store, whose bytes nobody looks at.</summary>
internal sealed class StoredFixture : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly StoreProvider _stores;

    public StoredFixture()
    {
        _stores = new StoreProvider(
            new StoreOptions(_directory.Path, _directory["scratch"]), new MountedSecrets(""), TimeProvider.System,
                NullLoggerFactory.Instance);
        Catalogs = CatalogsOf(_stores);
        SpecInForce = () => Spec;
        Stored = StoredIn(Catalogs);
    }

    public static ClusterKey Key { get; } = new("default", "example");

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero));

    public ClusterSpec Spec { get; } = SpecOf(new BackupSpec { BackupIntervalInSecond = 60, MaxBackups = 1 });

    public Func<ClusterSpec> SpecInForce { get; set; }

    public StoredBackups Stored { get; }

    public BackupCatalogs Catalogs { get; }

    /// <summary>How often the latest backup was found to be gone.</summary>
    public int Losses { get; private set; }

    public string Folder => _directory[$"v1/{Key}"];

    public IEnumerable<string> Names =>
        Directory.GetFiles(Folder, "*.backup").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal);

    public static ClusterSpec SpecOf(BackupSpec backup) => new() { Key = Key, Endpoints = [], Backup = backup };

    /// <summary>The same backups, as another silo has them.</summary>
    /// <param name="before">Happens before each of its calls to the store.</param>
    /// <param name="looksFirst">Whether the store cannot create only what is absent.</param>
    public async Task<StoredBackups> AnotherAsync(Func<Task> before, bool looksFirst = false) =>
        StoredIn(CatalogsOf(new BesideStore(await _stores.ForAsync(Spec, CancellationToken.None), before, looksFirst)));

    public Scrubber Scrubber(IBackupReader reader, TimeSpan interval) =>
        new(Key, Stored, reader, RunSlots.Of(checks: 1, snapshots: 1), new ScrubOptions(interval, 1e9), Time, NullLogger.Instance);

    /// <summary>Puts a backup into the store.</summary>
    /// <param name="revision">Its revision.</param>
    /// <param name="incarnation">Its lineage.</param>
    /// <param name="minute">When it was taken.</param>
    /// <param name="isNoted">Whether its metadata tells how its object was written, as older builds' does not.</param>
    public BackupEntry Put(long revision, int incarnation, int minute, bool isNoted = true)
    {
        Directory.CreateDirectory(Folder);
        var entry = BackupOrderTests.Entry(revision, incarnation, minute);
        var path = Path.Combine(Folder, entry.Name.ToString());
        File.WriteAllText(path, "backup");
        var (written, size) = (File.GetLastWriteTimeUtc(path), new FileInfo(path).Length);
        var metadata = entry.Metadata! with
        {
            Size = size,
            StoredSize = isNoted ? size : null,
            ObjectTag = isNoted ? $"{written.Ticks}-{size}" : null,
        };
        File.WriteAllBytes(path + BackupMetadata.Extension, metadata.ToJson());
        return entry with { Metadata = metadata };
    }

    /// <summary>
    /// Puts a link that leads nowhere in the store's place: the file system answers with an error, as a stale mount does.
    /// </summary>
    public void TakeAway()
    {
        Directory.Move(_directory["v1"], _directory["aside"]);
        File.CreateSymbolicLink(_directory["v1"], _directory["v1"]);
    }

    public void BringBack()
    {
        File.Delete(_directory["v1"]);
        Directory.Move(_directory["aside"], _directory["v1"]);
    }

    public void Dispose() => _directory.Dispose();

    private BackupCatalogs CatalogsOf(IBackupStores stores) => new(
        stores, _stores.Scratch, _stores.VerifyScratch, new AgeFiles("", ""), TimeProvider.System, Random.Shared,
            NullLogger<BackupCatalog>.Instance);

    private StoredBackups StoredIn(BackupCatalogs catalogs) => new(Key, () => SpecInForce(), catalogs, Time, NullLogger.Instance)
    {
        LatestLost = () => Losses++,
    };
}
