using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Stores.FileSystem;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.ChangeLog;

/// <summary>Segments that wait on the disk for their store.</summary>
public sealed class LogSpoolTests : IDisposable
{
    private static readonly ClusterKey Key = new("default", "example");
    private static readonly AgeFiles NoKeys = new("", "");

    private readonly ScratchDirectory _directory = new();
    private readonly List<SegmentName> _sent = [];

    [Fact]
    public async Task They_go_to_the_store_in_their_order_and_as_they_are()
    {
        var (disk, store) = (DiskOf(1000), StoreIn("store"));
        using var spool = new LogSpool(disk, Key, NoKeys);
        var names = new[] { LogFixture.Segment(11, 20), LogFixture.Segment(21, 30) };
        foreach (var name in names)
        {
            Assert.NotNull(await spool.TryAddAsync(name, Plain(name), default));
        }

        Assert.False(spool.IsEmpty);
        await spool.SendAsync(store, _sent.Add, default);
        Assert.True(spool.IsEmpty);
        Assert.Equal(names, _sent);
        Assert.Equal(names, (await store.ListAsync(default)).Segments);
        Assert.Equal(Plain(names[1]), await store.ReadAsync(names[1], default));
        Assert.Empty((await StoreIn("spool").ListAsync(default)).Segments);
    }

    [Fact]
    public async Task The_next_process_sends_what_one_left()
    {
        var name = LogFixture.Segment(11, 20);
        await new LogSpool(DiskOf(1000), Key, NoKeys).TryAddAsync(name, Plain(name), default);
        using var next = new LogSpool(DiskOf(1000), Key, NoKeys);
        await next.LoadAsync(default);
        await next.LoadAsync(default);
        await next.SendAsync(StoreIn("store"), _sent.Add, default);
        Assert.Equal([name], _sent);
    }

    [Fact]
    public async Task All_clusters_share_the_room_and_what_is_sent_or_ended_gives_it_back()
    {
        var disk = DiskOf(250);
        var (one, other) = (new LogSpool(disk, Key, NoKeys), new LogSpool(disk, new ClusterKey("default", "other"), NoKeys));
        var (first, second, third) = (LogFixture.Segment(11, 20), LogFixture.Segment(21, 30), LogFixture.Segment(31, 40));
        Assert.NotNull(await one.TryAddAsync(first, Plain(first), default));
        Assert.NotNull(await other.TryAddAsync(first, Plain(first), default));
        Assert.Null(await one.TryAddAsync(second, Plain(second), default));
        await one.SendAsync(StoreIn("store"), _sent.Add, default);
        Assert.NotNull(await one.TryAddAsync(second, Plain(second), default));
        Assert.Null(await one.TryAddAsync(third, Plain(third), default));
        other.Dispose();
        Assert.NotNull(await one.TryAddAsync(third, Plain(third), default));
        Assert.Equal([first], (await new LogStore(disk.Disk, new ClusterKey("default", "other"), NoKeys).ListAsync(default)).Segments);
    }

    [Fact]
    public async Task What_somebody_removed_breaks_the_log_loudly_and_once()
    {
        using var spool = new LogSpool(DiskOf(1000), Key, NoKeys);
        var (gone, after) = (LogFixture.Segment(11, 20), LogFixture.Segment(21, 30));
        await spool.TryAddAsync(gone, Plain(gone), default);
        await spool.TryAddAsync(after, Plain(after), default);
        await StoreIn("spool").DeleteAsync(gone, default);
        var broken = await Assert.ThrowsAsync<LogBrokenException>(() => spool.SendAsync(StoreIn("store"), _sent.Add, default));
        Assert.Contains("revisions 11 to 20 waited", broken.Message, StringComparison.Ordinal);
        await spool.SendAsync(StoreIn("store"), _sent.Add, default);
        Assert.Equal([after], _sent);
    }

    public void Dispose() => _directory.Dispose();

    private static byte[] Plain(SegmentName name) => [.. Enumerable.Range(0, name.Size).Select(i => (byte)(i + name.First))];

    private SpoolDisk DiskOf(long most) => new(new FileSystemStore(_directory["spool"], TimeProvider.System), most);

    private LogStore StoreIn(string folder) => new(new FileSystemStore(_directory[folder], TimeProvider.System), Key, NoKeys);
}
