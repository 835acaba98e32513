using EtcdBackup.Clusters;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Tests.Upkeep;

public sealed class PruneTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly StoredFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_run_never_prunes_what_it_committed_though_the_rules_let_it_go()
    {
        // A state that was rolled back: the run counts its backup to a lineage that the store knows to have ended long ago.
        var (older, taken, latest) = (_fixture.Put(5, 1, 1), _fixture.Put(6, 1, 2), _fixture.Put(3, 2, 3));
        var spec = StoredFixture.SpecOf(new BackupSpec { MaxBackups = 1, Retention = new RetentionSpec { KeepEarlierLineages = "1s" } });
        _fixture.SpecInForce = () => spec;
        Assert.Equal(1, await _fixture.Stored.PruneAsync(taken.Name, CancellationToken.None));
        Assert.Equal([latest.Name.ToString(), taken.Name.ToString()], _fixture.Names);
        Assert.DoesNotContain(older.Name.ToString(), _fixture.Names);

        // The next run's does not hold it any more.
        Assert.Equal(1, await _fixture.Stored.PruneAsync(latest.Name, CancellationToken.None));
        Assert.Equal([latest.Name.ToString()], _fixture.Names);
    }

    [Fact]
    public async Task A_rule_that_is_corrected_while_backups_go_holds_from_then_on()
    {
        var entries = Enumerable.Range(1, 6).Select(i => _fixture.Put(i, 1, i)).ToArray();
        var corrected = StoredFixture.SpecOf(new BackupSpec { MaxBackups = 10 });
        _fixture.SpecInForce = () => _fixture.Names.Count() > 4 ? _fixture.Spec : corrected;
        Assert.Equal(2, await _fixture.Stored.PruneAsync(entries[^1].Name, CancellationToken.None));
        Assert.Equal(entries[2..].Select(e => e.Name.ToString()), _fixture.Names);
    }

    [Fact]
    public async Task Nothing_goes_while_what_should_stay_is_not_in_the_store()
    {
        var entries = Enumerable.Range(1, 4).Select(i => _fixture.Put(i, 1, i)).ToArray();
        await _fixture.Stored.RefreshAsync(CancellationToken.None);
        File.Delete(Path.Combine(_fixture.Folder, entries[3].Name.ToString()));
        Assert.Equal(0, await _fixture.Stored.PruneAsync(entries[3].Name, CancellationToken.None));
        Assert.Equal(entries[..3].Select(e => e.Name.ToString()), _fixture.Names);
    }

    [Fact]
    public async Task A_removal_that_is_taken_back_ends_at_once_and_keeps_the_newest()
    {
        var entries = Enumerable.Range(1, 4).Select(i => _fixture.Put(i, 1, i)).ToArray();
        Assert.Equal(2, await _fixture.Stored.DeleteAllAsync(_fixture.Spec, () => _fixture.Names.Count() > 2, CancellationToken.None));
        Assert.Equal(entries[2..].Select(e => e.Name.ToString()), _fixture.Names);
    }

    [Fact]
    public async Task Of_two_deletions_at_once_the_last_sound_backup_is_left()
    {
        var (one, two) = (_fixture.Put(1, 1, 1), _fixture.Put(2, 1, 2));
        var answers = await Task.WhenAll(
            _fixture.Stored.DeleteAsync(one.Name, force: false, CancellationToken.None),
                _fixture.Stored.DeleteAsync(two.Name, force: false, CancellationToken.None));
        Assert.Equal([Deletion.Deleted, Deletion.LastSound], answers.Order());
        Assert.Single(_fixture.Names);
    }

    [Fact]
    public async Task The_status_is_told_from_memory_while_the_store_is_away_and_says_so()
    {
        var entry = _fixture.Put(1, 1, 1);
        var listed = (await _fixture.Stored.RefreshAsync(CancellationToken.None)).ListedAt;
        Assert.Null(_fixture.Stored.Problem);
        _fixture.Time.Advance(Hour);
        _fixture.TakeAway();
        await Assert.ThrowsAnyAsync<IOException>(() => _fixture.Stored.RefreshAsync(CancellationToken.None));
        Assert.NotNull(_fixture.Stored.Problem);
        var view = await _fixture.Stored.GetAsync(CancellationToken.None);
        Assert.Equal((listed, entry.Name), (view.ListedAt, view.Latest!.Name));

        _fixture.BringBack();
        Assert.Equal(listed + Hour, (await _fixture.Stored.RefreshAsync(CancellationToken.None)).ListedAt);
        Assert.Null(_fixture.Stored.Problem);
    }
}
