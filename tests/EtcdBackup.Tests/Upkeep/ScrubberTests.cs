using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Tests.Upkeep;

public sealed class ScrubberTests : IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(11);

    private readonly StoredFixture _fixture = new();
    private readonly Dictionary<BackupName, Func<Exception>> _broken = [];
    private readonly List<BackupName> _read = [];
    private readonly Scrubber _scrubber;

    public ScrubberTests() => _scrubber = _fixture.Scrubber(new Reader(this), Day);

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task One_without_its_key_or_unreadable_keeps_no_other_from_being_read()
    {
        var entries = Enumerable.Range(1, 4).Select(i => _fixture.Put(i, 1, i)).ToArray();
        _broken[entries[0].Name] = () => new BackupKeyException("no key");
        _broken[entries[1].Name] = () => new IOException("unreadable sector");
        _broken[entries[2].Name] = () => new FileNotFoundException("gone");
        Assert.False(await ScrubAsync());
        Assert.Equal(entries.Select(e => e.Name), _read);
        Assert.True(await IsSoundAsync(entries[0]));
        Assert.NotNull((await FindAsync(entries[3])).Metadata!.Verification);
    }

    [Fact]
    public async Task What_cannot_be_read_again_and_again_is_damaged()
    {
        var (bad, good) = (_fixture.Put(1, 1, 1), _fixture.Put(2, 1, 2));
        _broken[bad.Name] = () => new IOException("unreadable sector");
        Assert.False(await ScrubAsync());

        // A caller who asks three times in a minute has seen one failure, not three.
        Assert.False(await ScrubAsync());
        Assert.False(await ScrubAsync());
        _fixture.Time.Advance(Pause);
        Assert.False(await ScrubAsync());
        Assert.True(await IsSoundAsync(bad));
        _fixture.Time.Advance(Pause);
        Assert.True(await ScrubAsync());
        Assert.Contains("unreadable sector", (await FindAsync(bad)).Metadata!.Verification!.Problem, StringComparison.Ordinal);
        Assert.False(await IsSoundAsync(bad));
        Assert.True(await IsSoundAsync(good));
    }

    [Fact]
    public async Task One_that_is_read_in_between_was_not_unreadable_in_a_row()
    {
        var bad = _fixture.Put(1, 1, 1);
        for (var i = 0; i < 6; i++)
        {
            _broken.Clear();
            if (i % 3 != 2)
            {
                _broken[bad.Name] = () => new IOException("unreadable sector");
            }

            Assert.False(await ScrubAsync());
            _fixture.Time.Advance(Day + Pause);
        }

        Assert.True(await IsSoundAsync(bad));
    }

    [Fact]
    public async Task A_store_that_is_away_says_nothing_about_the_bytes()
    {
        var entry = _fixture.Put(1, 1, 1);
        await _fixture.Stored.RefreshAsync(CancellationToken.None);
        _broken[entry.Name] = () => new IOException("the store is away");
        _fixture.TakeAway();
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAnyAsync<IOException>(() => _scrubber.ScrubAsync(_fixture.Spec, CancellationToken.None));
            _fixture.Time.Advance(Pause);
        }

        _fixture.BringBack();
        Assert.True(await IsSoundAsync(entry));
    }

    // As on a volume without a free block: what was read counts.
    [Fact]
    public async Task What_was_read_counts_though_the_store_does_not_take_the_note()
    {
        var entry = _fixture.Put(1, 1, 1);
        await _fixture.Stored.RefreshAsync(CancellationToken.None);
        _fixture.TakeAway();
        var report = await _scrubber.VerifyAsync(_fixture.Spec, entry, isSlow: false, CancellationToken.None);
        Assert.True(report.Verification.Sound);
    }

    // Found by the simulation: a backup was removed because of a later one that was damaged, and noted as such.
    [Fact]
    public async Task Damage_that_another_silo_noted_since_counts()
    {
        var entry = _fixture.Put(1, 1, 1);
        var isFull = true;
        var another = await _fixture.AnotherAsync(() => isFull ? throw new IOException("no room") : Task.CompletedTask);
        var sound = new Verification(_fixture.Time.GetUtcNow(), true, null);
        var rotten = sound with { Sound = false, Problem = "another SHA-256" };
        await _fixture.Stored.RefreshAsync(CancellationToken.None);
        entry = await FindAsync(entry);
        await Assert.ThrowsAsync<IOException>(() => another.NoteAsync(entry, sound, entry.Metadata!, CancellationToken.None));
        Assert.True(await _fixture.Stored.NoteAsync(entry, rotten, entry.Metadata!, CancellationToken.None));
        isFull = false;
        Assert.False((await another.RefreshAsync(CancellationToken.None)).Find(entry.Name)!.IsSound);
    }

    private async Task<bool> ScrubAsync()
    {
        await _fixture.Stored.RefreshAsync(CancellationToken.None);
        return await _scrubber.ScrubAsync(_fixture.Spec, CancellationToken.None);
    }

    private async Task<bool> IsSoundAsync(BackupEntry entry) => (await FindAsync(entry)).IsSound;

    private async Task<BackupEntry> FindAsync(BackupEntry entry) =>
        (await _fixture.Stored.RefreshAsync(CancellationToken.None)).Find(entry.Name)!;

    private sealed class Reader(ScrubberTests test) : IBackupReader
    {
        public Task<ReadBack> ReadAsync(ClusterSpec spec, BackupEntry entry, bool isSlow, CancellationToken cancellationToken)
        {
            test._read.Add(entry.Name);
            return test._broken.TryGetValue(entry.Name, out var why)
                ? Task.FromException<ReadBack>(why())
                : Task.FromResult(new ReadBack(null, null, entry.Metadata!));
        }
    }
}
