using EtcdBackup.Catalog;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Tests.Upkeep;

/// <summary>What somebody wrote over since counts for nothing before it is read again.</summary>
public sealed class DoubtTests : IDisposable
{
    private readonly StoredFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task An_object_with_another_tag_is_doubtful_until_it_is_read()
    {
        var entry = _fixture.Put(1, 1, 1);
        var before = await _fixture.Stored.ServedAsync(CancellationToken.None);
        Assert.False(before!.IsDoubtful);
        File.WriteAllText(PathOf(entry), "packup");
        File.SetLastWriteTimeUtc(PathOf(entry), new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        var now = await _fixture.Stored.ServedAsync(CancellationToken.None);
        Assert.True(now!.IsDoubtful);
        Assert.True((await _fixture.Stored.RefreshAsync(CancellationToken.None)).Latest!.IsDoubtful);

        await ReadAsync(now);
    }

    // What older builds wrote tells no tag, what the original wrote nothing at all, and a newer build's document is not for us.
    [Theory]
    [InlineData("no tag")]
    [InlineData("no document")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{ "format": 99 }""")]
    public async Task Where_nothing_tells_how_it_was_it_is_doubtful_until_it_is_read(string document)
    {
        var entry = _fixture.Put(1, 1, 1, isNoted: document != "no tag");
        if (document == "no document")
        {
            File.Delete(PathOf(entry) + BackupMetadata.Extension);
        }
        else if (document != "no tag")
        {
            File.WriteAllText(PathOf(entry) + BackupMetadata.Extension, document);
        }

        var served = await _fixture.Stored.ServedAsync(CancellationToken.None);
        Assert.True(served!.IsDoubtful);
        await ReadAsync(served);
    }

    [Fact]
    public async Task A_document_of_many_megabytes_is_not_read()
    {
        var entry = _fixture.Put(1, 1, 1);
        Assert.NotNull((await _fixture.Stored.ServedAsync(CancellationToken.None))!.Metadata);
        await File.AppendAllTextAsync(PathOf(entry) + BackupMetadata.Extension, new string(' ', 17 * 1024 * 1024));
        Assert.Null((await _fixture.Stored.ServedAsync(CancellationToken.None))!.Metadata);
    }

    [Fact]
    public async Task No_removal_leans_on_what_was_never_read()
    {
        var (good, empty) = (_fixture.Put(1, 1, 1), _fixture.Put(2, 1, 2));
        File.WriteAllText(PathOf(empty), "");
        File.Delete(PathOf(empty) + BackupMetadata.Extension);
        Assert.Equal(0, await _fixture.Stored.PruneAsync(empty.Name, CancellationToken.None));
        Assert.Equal(Deletion.LastSound, await _fixture.Stored.DeleteAsync(good.Name, force: false, CancellationToken.None));
    }

    [Fact]
    public async Task An_object_of_another_size_is_not_sound()
    {
        var (good, cut) = (_fixture.Put(1, 1, 1), _fixture.Put(2, 1, 2));
        File.WriteAllText(PathOf(cut), "");
        var view = await _fixture.Stored.RefreshAsync(CancellationToken.None);
        Assert.Equal(good.Name, view.Latest!.Name);
        Assert.Equal(cut.Name, Assert.Single(view.Damaged).Name);
        Assert.Equal("it has 0 bytes, and had 6: somebody wrote over it", view.Damaged[0].Problem);
        Assert.Null(view.Latest.Problem);
    }

    [Fact]
    public async Task No_removal_leans_on_what_is_in_doubt()
    {
        var (good, doubtful) = (_fixture.Put(1, 1, 1), _fixture.Put(2, 1, 2));
        File.WriteAllText(PathOf(doubtful), "packup");
        File.SetLastWriteTimeUtc(PathOf(doubtful), new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(0, await _fixture.Stored.PruneAsync(doubtful.Name, CancellationToken.None));
        Assert.Equal(Deletion.LastSound, await _fixture.Stored.DeleteAsync(good.Name, force: false, CancellationToken.None));
        Assert.Equal(2, _fixture.Names.Count());
    }

    private async Task ReadAsync(BackupEntry doubtful)
    {
        await _fixture.Stored.NoteAsync(
            doubtful, new Verification(_fixture.Time.GetUtcNow(), true, null),
            BackupMetadata.Rebuild(doubtful, doubtful.StoredSize, "", null), CancellationToken.None);
        Assert.False((await _fixture.Stored.ServedAsync(CancellationToken.None))!.IsDoubtful);
        Assert.False((await _fixture.Stored.RefreshAsync(CancellationToken.None)).Latest!.IsDoubtful);
    }

    private string PathOf(BackupEntry entry) => Path.Combine(_fixture.Folder, entry.Name.ToString());
}
