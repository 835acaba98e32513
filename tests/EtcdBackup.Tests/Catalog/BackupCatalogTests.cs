using System.Text;
using System.Text.Json.Nodes;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Secrets;
using EtcdBackup.Stores;
using EtcdBackup.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace EtcdBackup.Tests.Catalog;

public sealed class BackupCatalogTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("{ \"format\": 99, \"future\": true }", false)]
    [InlineData("{ \"format\": 1, \"future\": true }", true)]
    [InlineData("{ torn", true)]
    [InlineData("[]", true)]
    [InlineData("{ \"format\": \"x\" }", true)]
    public async Task A_note_never_overwrites_what_a_newer_build_wrote(string standing, bool isReplaced)
    {
        var metadata = BackupOrderTests.Entry(revision: 5, incarnation: 1, minute: 1).Metadata!;
        var file = _directory["v1/default/example/" + metadata.Name];
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, "backup");
        await File.WriteAllTextAsync(file + ".json", standing);
        await (await CatalogAsync()).NoteAsync(metadata.Name, _ => metadata, CancellationToken.None);
        Assert.Equal(isReplaced, await File.ReadAllTextAsync(file + ".json") != standing);
    }

    [Fact]
    public async Task A_note_on_a_backup_that_was_deleted_meanwhile_leaves_nothing_behind()
    {
        await (await CatalogAsync())
            .NoteAsync(BackupOrderTests.Entry(revision: 5, incarnation: 1, minute: 1).Name, m => m!, CancellationToken.None);
        Assert.Empty(Directory.GetFiles(_directory.Path, "*", SearchOption.AllDirectories));
    }

    // Valid JSON, and nothing to go by: a document that tells too little is one that cannot be read.
    [Theory]
    [InlineData("position")]
    [InlineData("position.clusterId")]
    [InlineData("lineage")]
    [InlineData("lineage.clusterId")]
    [InlineData("lineage.tag")]
    [InlineData("sha256")]
    [InlineData("member")]
    [InlineData("version")]
    [InlineData("name")]
    public void A_document_without_what_counts_is_damaged(string field)
    {
        var entry = BackupOrderTests.Entry(revision: 5, incarnation: 1, minute: 1);
        var json = JsonNode.Parse(entry.Metadata!.ToJson())!;
        var path = field.Split('.');
        var owner = path.Length == 1 ? json : json[path[0]]!;
        owner[path[^1]] = null;
        Assert.Throws<FormatException>(() => BackupMetadata.FromJson(Encoding.UTF8.GetBytes(json.ToJsonString()), entry.Name));
        owner.AsObject().Remove(path[^1]);
        Assert.Throws<FormatException>(() => BackupMetadata.FromJson(Encoding.UTF8.GetBytes(json.ToJsonString()), entry.Name));
    }

    [Theory]
    [InlineData("revision", "99")]
    [InlineData("version", "\"9.9.9\"")]
    [InlineData("sha256", "\"\\\"x\"")]
    [InlineData("sha256", "\"00\"")]
    public void A_document_that_does_not_fit_its_name_is_damaged(string field, string value)
    {
        var entry = BackupOrderTests.Entry(revision: 5, incarnation: 1, minute: 1);
        var json = JsonNode.Parse(entry.Metadata!.ToJson())!;
        Assert.NotNull(BackupMetadata.FromJson(Encoding.UTF8.GetBytes(json.ToJsonString()), entry.Name));
        json[field] = JsonNode.Parse(value);
        Assert.Throws<FormatException>(() => BackupMetadata.FromJson(Encoding.UTF8.GetBytes(json.ToJsonString()), entry.Name));
    }

    [Fact]
    public void The_document_of_another_backup_is_none_of_this_one()
    {
        var (entry, other) = (BackupOrderTests.Entry(revision: 5, incarnation: 1, minute: 1), BackupOrderTests.Entry(6, 1, 2));
        Assert.Contains("another backup", Assert.Throws<FormatException>(() =>
            BackupMetadata.FromJson(other.Metadata!.ToJson(), entry.Name)).Message, StringComparison.Ordinal);
    }

    // On a store that does not keep "only if it is not there" another silo can do so. Found by the simulation.
    [Fact]
    public async Task What_was_written_over_in_the_moment_of_its_commit_gets_no_document_of_ours()
    {
        var spec = new ClusterSpec { Key = new ClusterKey("default", "example"), Endpoints = [], Backup = new BackupSpec() };
        var metadata = BackupOrderTests.Entry(revision: 5, incarnation: 1, minute: 1).Metadata! with { Size = 6 };
        var catalog = await Catalogs(_directory, s => new WrittenOver(s)).ForAsync(spec, CancellationToken.None);
        await using var pending = await catalog.BeginAsync(6, CancellationToken.None);
        await pending.AppendAsync("backup"u8.ToArray(), CancellationToken.None);
        await pending.SealAsync(CancellationToken.None);
        Assert.Null(await catalog.CommitAsync(pending, metadata, _ => false, CancellationToken.None));
        Assert.Equal([metadata.Name.ToString()], Directory.GetFiles(_directory["v1/default/example"]).Select(Path.GetFileName));
    }

    private ValueTask<BackupCatalog> CatalogAsync() =>
        Catalogs(_directory).ForAsync(
            new ClusterSpec { Key = new ClusterKey("default", "example"), Endpoints = [], Backup = new BackupSpec() },
            CancellationToken.None);

    private static BackupCatalogs Catalogs(ScratchDirectory directory, Func<IBackupStore, IBackupStore>? around = null)
    {
        var stores = new StoreProvider(
            new StoreOptions(directory.Path, directory["scratch"]), new MountedSecrets(""), TimeProvider.System,
            NullLoggerFactory.Instance);
        return new BackupCatalogs(
            around is null ? stores : new One(around(stores.Volume)), stores.Scratch, stores.VerifyScratch, new AgeFiles("", ""),
            TimeProvider.System, Random.Shared, NullLogger<BackupCatalog>.Instance);
    }

    private sealed class One(IBackupStore store) : IBackupStores
    {
        public ValueTask<IBackupStore> ForAsync(ClusterSpec spec, CancellationToken cancellationToken) => ValueTask.FromResult(store);
    }

    // As if another writer's bytes, one more than ours, came right after them.
    private sealed class WrittenOver(IBackupStore inner) : IBackupStore
    {
        public IAsyncEnumerable<StoredObject> ListAsync(string folder, CancellationToken cancellationToken) =>
            inner.ListAsync(folder, cancellationToken);

        public async Task<StoredObject?> StatAsync(string key, CancellationToken cancellationToken) =>
            await inner.StatAsync(key, cancellationToken) is { } found
                ? new StoredObject(found.Name, found.Size + 1, found.LastModified, "other") : null;

        public Task<Stream> OpenAsync(string key, CancellationToken cancellationToken) => inner.OpenAsync(key, cancellationToken);

        public Task<IPendingObject> BeginAsync(string folder, long expectedSize, CancellationToken cancellationToken) =>
            inner.BeginAsync(folder, expectedSize, cancellationToken);

        public Task<byte[]?> ReadDocumentAsync(string key, CancellationToken cancellationToken) =>
            inner.ReadDocumentAsync(key, cancellationToken);

        public Task WriteDocumentAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            inner.WriteDocumentAsync(key, content, cancellationToken);

        public Task<bool> TryWriteNewAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            inner.TryWriteNewAsync(key, content, cancellationToken);

        public Task DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);

        public Task<int> SweepAsync(TimeSpan age, CancellationToken cancellationToken) => inner.SweepAsync(age, cancellationToken);

        public Task CheckAsync(CancellationToken cancellationToken) => inner.CheckAsync(cancellationToken);
    }
}
