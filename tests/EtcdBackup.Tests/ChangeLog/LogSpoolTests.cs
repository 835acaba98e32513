using System.Security.Cryptography;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Stores.FileSystem;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.ChangeLog;

/// <summary>Segments that wait on the disk for their store.</summary>
public sealed class LogSpoolTests : IDisposable
{
    private static readonly ClusterSpec Spec = SpecOf("example", Encryption.None);
    private static readonly AgeFiles NoKeys = new("", "");

    private readonly ScratchDirectory _directory = new();
    private readonly List<SegmentName> _sent = [];

    [Fact]
    public async Task They_go_to_the_store_in_their_order()
    {
        var (disk, store) = (DiskOf(1000), StoreIn("store"));
        using var spool = new LogSpool(disk, Spec, NoKeys);
        var names = new[] { Segment(11, 20), Segment(21, 30) };
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
        Assert.Empty(Files());
    }

    [Fact]
    public async Task The_next_process_sends_what_one_left()
    {
        var name = Segment(11, 20);
        await new LogSpool(DiskOf(1000), Spec, NoKeys).TryAddAsync(name, Plain(name), default);
        using var next = new LogSpool(DiskOf(1000), Spec, NoKeys);
        await next.LoadAsync(default);
        await next.LoadAsync(default);
        await next.SendAsync(StoreIn("store"), _sent.Add, default);
        Assert.Equal([name], _sent);
    }

    [Fact]
    public async Task All_clusters_share_the_room_and_what_is_sent_or_ended_gives_it_back()
    {
        var disk = DiskOf(250);
        var (one, other) = (new LogSpool(disk, Spec, NoKeys), new LogSpool(disk, SpecOf("other", Encryption.None), NoKeys));
        var (first, second, third) = (Segment(11, 20), Segment(21, 30), Segment(31, 40));
        Assert.NotNull(await one.TryAddAsync(first, Plain(first), default));
        Assert.NotNull(await other.TryAddAsync(first, Plain(first), default));
        Assert.Null(await one.TryAddAsync(second, Plain(second), default));
        await one.SendAsync(StoreIn("store"), _sent.Add, default);
        Assert.NotNull(await one.TryAddAsync(second, Plain(second), default));
        Assert.Null(await one.TryAddAsync(third, Plain(third), default));
        other.Dispose();
        Assert.NotNull(await one.TryAddAsync(third, Plain(third), default));
        Assert.Contains(Files(), f => f.Contains("/other/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("emptied")]
    [InlineData("damaged")]
    public async Task What_is_lost_on_the_disk_is_not_sent_and_breaks_the_log_loudly_and_once(string how)
    {
        using var spool = new LogSpool(DiskOf(1000), Spec, NoKeys);
        var (gone, after) = (Segment(11, 20), Segment(21, 30));
        await spool.TryAddAsync(gone, Plain(gone), default);
        var file = Files().Single();
        await spool.TryAddAsync(after, Plain(after), default);
        if (how == "removed")
        {
            File.Delete(file);
        }
        else
        {
            var bytes = await File.ReadAllBytesAsync(file);
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(file, how == "emptied" ? [] : bytes);
        }

        var broken = await Assert.ThrowsAsync<LogBrokenException>(() => spool.SendAsync(StoreIn("store"), _sent.Add, default));
        Assert.Contains("revisions 11 to 20 waited", broken.Message, StringComparison.Ordinal);
        Assert.Empty((await StoreIn("store").ListAsync(default)).Segments);
        await spool.SendAsync(StoreIn("store"), _sent.Add, default);
        Assert.Equal([after], _sent);
    }

    [Fact]
    public async Task Only_the_first_that_waits_wakes_the_one_who_sends()
    {
        using var spool = new LogSpool(DiskOf(1000), Spec, NoKeys);
        var (first, second) = (Segment(11, 20), Segment(21, 30));
        Assert.True((await spool.TryAddAsync(first, Plain(first), default))!.Value.IsFirst);
        Assert.False((await spool.TryAddAsync(second, Plain(second), default))!.Value.IsFirst);
        await spool.SendAsync(StoreIn("store"), _sent.Add, default);
        Assert.True((await spool.TryAddAsync(first, Plain(first), default))!.Value.IsFirst);
    }

    [Fact]
    public async Task What_waits_for_one_store_does_not_go_to_another()
    {
        var name = Segment(11, 20);
        await new LogSpool(DiskOf(1000), Spec, NoKeys).TryAddAsync(name, Plain(name), default);
        var moved = Spec with
        {
            Backup = Spec.Backup with { StorageType = StorageType.S3, S3 = new S3Spec { S3Bucket = "other" } },
        };
        using var other = new LogSpool(DiskOf(1000), moved, NoKeys);
        await other.LoadAsync(default);
        Assert.True(other.IsEmpty);
    }

    [Fact]
    public async Task What_waits_is_encrypted_if_that_was_asked_for_since()
    {
        await ChildProcess.RunAsync("age-keygen", "-o", _directory["keys.txt"]);
        var keys = new AgeFiles(_directory["keys.txt"], "");
        var name = Segment(11, 20);
        await new LogSpool(DiskOf(1000), Spec, NoKeys).TryAddAsync(name, Plain(name), default);
        using var next = new LogSpool(DiskOf(1000), SpecOf("example", Encryption.Age), keys);
        await next.LoadAsync(default);
        var store = new LogStore(new FileSystemStore(_directory["store"], TimeProvider.System), Spec.Key, keys);
        await next.SendAsync(store, _sent.Add, default);
        var sent = Assert.Single((await store.ListAsync(default)).Segments);
        Assert.True(sent.Encoding.HasFlag(BackupEncoding.Age));
        Assert.Equal(Plain(name), await store.ReadAsync(sent, default));
    }

    [Fact]
    public async Task Without_the_key_that_was_asked_for_since_nothing_goes_out_in_the_clear()
    {
        var name = Segment(11, 20);
        await new LogSpool(DiskOf(1000), Spec, NoKeys).TryAddAsync(name, Plain(name), default);
        using var next = new LogSpool(DiskOf(1000), SpecOf("example", Encryption.Age), NoKeys);
        await next.LoadAsync(default);
        await Assert.ThrowsAsync<BackupKeyException>(() => next.SendAsync(StoreIn("store"), _sent.Add, default));
        Assert.Empty((await StoreIn("store").ListAsync(default)).Segments);
        Assert.False(next.IsEmpty);
    }

    public void Dispose() => _directory.Dispose();

    private static ClusterSpec SpecOf(string name, Encryption encryption) => new()
    {
        Key = new ClusterKey("default", name),
        Endpoints = [],
        Backup = new BackupSpec { BackupIntervalInSecond = 60, Encryption = encryption },
    };

    private static SegmentName Segment(long first, long last)
    {
        var name = LogFixture.Segment(first, last);
        return name with { After = LogTail.ChainText(SHA256.HashData(Plain(name))) };
    }

    private string[] Files() => Directory.GetFiles(_directory["spool"], "*.log*", SearchOption.AllDirectories);

    private static byte[] Plain(SegmentName name) => [.. Enumerable.Range(0, name.Size).Select(i => (byte)(i + name.First))];

    private SpoolDisk DiskOf(long most) => new(new FileSystemStore(_directory["spool"], TimeProvider.System), most);

    private LogStore StoreIn(string folder) => new(new FileSystemStore(_directory[folder], TimeProvider.System), Spec.Key, NoKeys);
}
