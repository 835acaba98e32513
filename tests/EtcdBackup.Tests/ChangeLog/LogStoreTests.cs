using System.Text;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Snapshots.Log;
using EtcdBackup.Stores.FileSystem;
using EtcdBackup.Testing;
using Google.Protobuf;
using Mvccpb;

namespace EtcdBackup.Tests.ChangeLog;

public sealed class LogStoreTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(Encryption.None)]
    [InlineData(Encryption.Age)]
    public async Task What_is_merged_is_read_as_before_and_what_follows_still_does(Encryption encryption)
    {
        var store = await StoreAsync(encryption);
        var (writer, chain, names) = (new SegmentWriter(11), Array.Empty<byte>(), new List<SegmentName>());
        for (var first = 11; first <= 41; first += 10)
        {
            Put(writer, first, first + 9);
            var segment = writer.Finish(new SegmentOrigin(1, "1", "base", chain));
            names.Add(new SegmentName(
                first, first + 9, LogFixture.Start, LogFixture.Start, "aaaaaaaa", LogTail.ChainText(chain),
                LogTail.ChainText(segment.Sha256), segment.Bytes.Length,
                LogStore.EncodingOf(new BackupSpec { Encryption = encryption })));
            await store.WriteAsync(names[^1], segment.Bytes, default);
            chain = segment.Sha256;
        }

        await store.WriteAsync(LogFixture.Anchor(10), "{}"u8.ToArray(), default);
        await LogKeeper.MergeAsync(store, names[..2], default);
        await LogKeeper.MergeAsync(store, [(await store.ListAsync(default)).Segments[0], names[2]], default);

        var log = await store.ListAsync(default);
        Assert.Equal([(11L, 40L), (41L, 50L)], log.Segments.Select(s => (s.First, s.Last)));
        var path = Assert.Single(LogPaths.Of(log, [LogFixture.Backup(10)]));
        using var all = new MemoryStream();
        foreach (var segment in path.Segments)
        {
            await all.WriteAsync(await store.ReadAsync(segment, default));
        }

        all.Position = 0;
        Assert.Equal(Enumerable.Range(11, 40).Select(i => (long)i), Revisions(all));
        await store.DeleteAllAsync(default);
        log = await store.ListAsync(default);
        Assert.Empty(log.Segments);
        Assert.Empty(log.Anchors);
    }

    private static void Put(SegmentWriter writer, long first, long last)
    {
        writer.BeginBatch(LogFixture.Start.ToUnixTimeMilliseconds());
        for (var revision = first; revision <= last; revision++)
        {
            writer.Add(false, new KeyValue
            {
                Key = ByteString.CopyFromUtf8($"k{revision}"),
                CreateRevision = revision,
                ModRevision = revision,
                Version = 1,
                Value = ByteString.CopyFrom(Encoding.UTF8.GetBytes($"v{revision}")),
            }.ToByteArray());
        }

        writer.EndBatch();
    }

    private static IEnumerable<long> Revisions(Stream log)
    {
        using var reader = new ChangeReader(log);
        while (reader.NextBatch())
        {
            while (reader.NextEvent())
            {
                yield return reader.Main;
            }
        }
    }

    private async Task<LogStore> StoreAsync(Encryption encryption)
    {
        var keys = new AgeFiles("", "");
        if (encryption == Encryption.Age)
        {
            await ChildProcess.RunAsync("age-keygen", "-o", _directory["keys.txt"]);
            keys = new AgeFiles(_directory["keys.txt"], "");
        }

        return new LogStore(new FileSystemStore(_directory["store"], TimeProvider.System), new ClusterKey("default", "example"), keys);
    }
}
