using EtcdBackup.Catalog;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Tests.Upkeep;

/// <summary>Two activations remove at once, each relying on the backup that the other removes.</summary>
public sealed class MarkTests : IDisposable
{
    private readonly StoredFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Nobody_relies_on_a_backup_that_another_removes()
    {
        var (older, newer) = (_fixture.Put(1, 1, 1), _fixture.Put(2, 1, 2));
        var another = await _fixture.Catalogs.ForAsync(_fixture.Spec, CancellationToken.None);
        await another.MarkAsync(newer.Name, CancellationToken.None);
        Assert.Equal(Deletion.LastSound, await DeleteAsync(older));
        Assert.Equal(0, await _fixture.Stored.PruneAsync(newer.Name, CancellationToken.None));
        Assert.Equal([older.Name.ToString(), newer.Name.ToString()], _fixture.Names);

        await another.UnmarkAsync(newer.Name, CancellationToken.None);
        Assert.Equal(Deletion.Deleted, await DeleteAsync(older));
        Assert.Empty(Marks);
    }

    [Fact]
    public async Task The_mark_of_one_that_crashed_counts_for_an_hour_and_is_swept()
    {
        var (older, newer) = (_fixture.Put(1, 1, 1), _fixture.Put(2, 1, 2));
        File.WriteAllText(
            Path.Combine(_fixture.Folder, $"{newer.Name}.removing"), DateTimeOffset.UtcNow.AddMinutes(-61).ToString("O", null));
        Assert.Equal(Deletion.Deleted, await DeleteAsync(older));

        var catalog = await _fixture.Catalogs.ForAsync(_fixture.Spec, CancellationToken.None);
        Assert.Single(Marks);
        File.SetLastWriteTimeUtc(Marks.Single(), DateTime.UtcNow.AddHours(-2));
        var listing = await catalog.ListAsync(new Dictionary<BackupName, BackupEntry>(), CancellationToken.None);
        Assert.Equal(1, await catalog.SweepAsync(listing, TimeSpan.FromHours(1), CancellationToken.None));
        Assert.Empty(Marks);
    }

    // Two silos remove one backup: the one that gives up must not take away the mark of the other, which goes on.
    [Fact]
    public async Task The_mark_of_another_is_left_and_the_backup_with_it()
    {
        var (older, _) = (_fixture.Put(1, 1, 1), _fixture.Put(2, 1, 2));
        var another = await _fixture.Catalogs.ForAsync(_fixture.Spec, CancellationToken.None);
        await another.MarkAsync(older.Name, CancellationToken.None);
        Assert.Equal(Deletion.Busy, await DeleteAsync(older));
        Assert.Single(Marks);
        Assert.Equal(2, _fixture.Names.Count());
    }

    [Fact]
    public async Task A_prune_leaves_what_another_removes_and_goes_on()
    {
        var entries = Enumerable.Range(1, 4).Select(i => _fixture.Put(i, 1, i)).ToArray();
        var another = await _fixture.Catalogs.ForAsync(_fixture.Spec, CancellationToken.None);
        await another.MarkAsync(entries[0].Name, CancellationToken.None);
        Assert.Equal(2, await _fixture.Stored.PruneAsync(entries[3].Name, CancellationToken.None));
        Assert.Equal([entries[0].Name.ToString(), entries[3].Name.ToString()], _fixture.Names);
        Assert.Single(Marks);
    }

    private IEnumerable<string> Marks => Directory.GetFiles(_fixture.Folder, "*.removing");

    private Task<Deletion> DeleteAsync(BackupEntry entry) =>
        _fixture.Stored.DeleteAsync(entry.Name, force: false, CancellationToken.None);
}
