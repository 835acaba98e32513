using EtcdBackup.Catalog;
using EtcdBackup.Stores;
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
        var mark = await another.MarkAsync(newer.Name, "another", CancellationToken.None);
        Assert.Equal(Deletion.LastSound, await DeleteAsync(older));
        Assert.Equal(0, await _fixture.Stored.PruneAsync(newer.Name, CancellationToken.None));
        Assert.Equal([older.Name.ToString(), newer.Name.ToString()], _fixture.Names);

        await mark!.EndAsync(CancellationToken.None);
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
        await another.MarkAsync(older.Name, "another", CancellationToken.None);
        Assert.Equal(Deletion.Busy, await DeleteAsync(older));
        Assert.Single(Marks);
        Assert.Equal(2, _fixture.Names.Count());
    }

    [Fact]
    public async Task A_prune_leaves_what_another_removes_and_goes_on()
    {
        var entries = Enumerable.Range(1, 4).Select(i => _fixture.Put(i, 1, i)).ToArray();
        var another = await _fixture.Catalogs.ForAsync(_fixture.Spec, CancellationToken.None);
        await another.MarkAsync(entries[0].Name, "another", CancellationToken.None);
        Assert.Equal(2, await _fixture.Stored.PruneAsync(entries[3].Name, CancellationToken.None));
        Assert.Equal([entries[0].Name.ToString(), entries[3].Name.ToString()], _fixture.Names);
        Assert.Single(Marks);
    }

    // Whichever came first, and whether or not the store can create only what is absent.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Between_any_two_calls_of_a_removal_another_marks_and_one_of_them_removes(bool looksFirst)
    {
        var removed = new HashSet<bool>();
        for (var at = 0; ; at++)
        {
            using var fixture = new StoredFixture();
            var (older, calls) = (fixture.Put(1, 1, 1), 0);
            fixture.Put(2, 1, 2);
            var beside = await fixture.Catalogs.ForAsync(fixture.Spec, CancellationToken.None);
            RemovalMark? others = null;
            var removing = await fixture.AnotherAsync(async () =>
            {
                if (calls++ == at)
                {
                    others = await beside.MarkAsync(older.Name, "another", CancellationToken.None);
                }
            }, looksFirst);
            var answer = await removing.DeleteAsync(older.Name, force: false, CancellationToken.None);
            if (calls <= at)
            {
                Assert.Equal([false, true], removed.Order());
                return;
            }

            removed.Add(answer == Deletion.Deleted);
            Assert.Equal(answer == Deletion.Deleted, !fixture.Names.Contains(older.Name.ToString()));
            var isOthers = others is not null && await others.TryRemoveAsync(() => Task.CompletedTask, CancellationToken.None);
            Assert.True(isOthers != (answer == Deletion.Deleted), $"before call {at}: {answer}, and the other removes: {isOthers}");
            await (others?.EndAsync(CancellationToken.None) ?? Task.CompletedTask);
            Assert.Empty(Directory.GetFiles(fixture.Folder, "*.removing"));
        }
    }

    // The store may still do what it did not answer.
    [Fact]
    public async Task After_a_removal_of_unknown_end_nobody_relies_on_the_backup_and_its_remover_may_try_again()
    {
        var (older, newer) = (_fixture.Put(1, 1, 1), _fixture.Put(2, 1, 2));
        var another = await _fixture.Catalogs.ForAsync(_fixture.Spec, CancellationToken.None);
        var mark = await another.MarkAsync(newer.Name, "another", CancellationToken.None);
        await Assert.ThrowsAsync<StoreException>(
            () => mark!.TryRemoveAsync(() => throw new StoreException("no answer"), CancellationToken.None));
        await mark!.EndAsync(CancellationToken.None);
        Assert.Equal(Deletion.LastSound, await DeleteAsync(older));

        var again = await another.MarkAsync(newer.Name, "another", CancellationToken.None);
        Assert.True(await again!.TryRemoveAsync(() => Task.CompletedTask, CancellationToken.None));
        await again.EndAsync(CancellationToken.None);
        Assert.Empty(Marks);
        Assert.Equal(Deletion.Deleted, await DeleteAsync(older));
    }

    private IEnumerable<string> Marks => Directory.GetFiles(_fixture.Folder, "*.removing");

    private Task<Deletion> DeleteAsync(BackupEntry entry) =>
        _fixture.Stored.DeleteAsync(entry.Name, force: false, CancellationToken.None);
}
