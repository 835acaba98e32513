using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Files;
using EtcdBackup.Snapshots.Making;
using EtcdBackup.Testing;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;
using Mvccpb;

namespace EtcdBackup.Cli.Tests;

/// <summary>
/// A snapshot that is made of a base and the log of a watch, at every revision, against what a live member said of that revision. Each run
/// has a history of its own; <c>ETCDBACKUP_TEST_SEED</c> brings one back.
/// </summary>
public sealed class MakeTests(ITestOutputHelper output) : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly Dictionary<long, IReadOnlyList<KeyValue>> _keys = [];
    private readonly List<(long Revision, long Compacted, uint Hash)> _hashes = [];

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    [InlineData("forky")]
    public async Task At_every_revision_it_is_what_the_live_member_had_then(string suite)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ETCDBACKUP_TEST_SEED"), out var told)
            ? told : Random.Shared.Next(10_000);
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var etcd = await EtcdServers.StartAsync(suite);
        using var history = new RandomHistory(etcd, seed);
        await history.WriteAsync(10 + random.Next(30));
        while (await etcd.RevisionAsync() < 10)
        {
            // Most of it changed nothing: it would be compacted to before its beginning.
            await history.WriteAsync(10);
        }

        var compacted = await CompactAsync(etcd, random);
        await history.WriteAsync(10 + random.Next(30));

        // The watch begins at once, or has much to catch up; with the snapshot's last revision, or after it.
        var begins = await etcd.RevisionAsync() + random.Next(2);
        await using var early = random.Next(2) == 0 ? LogRecorder.Start(etcd, begins, seed) : null;
        await etcd.CtlAsync("snapshot", "save", _scratch["base"]);
        var leases = await RandomHistory.LeasesAsync(etcd);
        await history.WriteAsync(30);
        if (random.Next(2) == 0)
        {
            await etcd.CtlAsync("defrag");
        }

        await using var recorder = early ?? LogRecorder.Start(etcd, begins, seed);
        await AskAsync(etcd, compacted);
        await recorder.UntilAsync(await etcd.RevisionAsync());
        await CompactAsync(etcd, random, compacted);
        await history.WriteAsync(30);
        var last = await etcd.RevisionAsync();
        await AskAsync(etcd, compacted);
        await recorder.WriteAsync(last, _scratch["log"]);
        output.WriteLine($"{last} revisions, {recorder.Segments.Count} segments, {recorder.Fragments} fragments, {_hashes.Count} hashes, " +
            $"compacted up to {compacted}, {string.Join(", ", _hashes.Select(h => h.Compacted).Distinct())}");

        for (var revision = compacted; revision <= last; revision++)
        {
            await CheckAsync(revision, compacted, last);
        }

        Assert.True(_hashes.Count >= last - compacted, $"{_hashes.Count} hashes");
        await using var restored = await EtcdServers.StartAsync(suite);
        foreach (var revision in new[] { compacted, (begins + last) / 2, last - random.Next(20), last })
        {
            await restored.RestoreInPlaceAsync(_scratch[$"{revision}.db"]);
            Assert.Equal(_keys[revision], await RandomHistory.ReadAsync(restored));
            Assert.Equal(revision, await restored.RevisionAsync());
            await CheckLeasesAsync(restored, leases, recorder, _keys[revision]);
        }
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public async Task A_revision_that_came_in_parts_is_whole(string suite)
    {
        await using var etcd = await EtcdServers.StartAsync(suite);
        await etcd.CtlAsync("snapshot", "save", _scratch["base"]);
        await etcd.PutManyAsync("/parts", 300, valueBytes: 9000);
        await etcd.PutManyAsync("/parts", 300, valueBytes: 9000);
        await using var recorder = LogRecorder.Start(etcd, 2, seed: 1);
        await AskAsync(etcd, 1);
        await recorder.WriteAsync(7, _scratch["log"]);
        Assert.True(recorder.Fragments > 0);
        for (var revision = 2; revision <= 7; revision++)
        {
            await CheckAsync(revision, 1, 7);
        }
    }

    [Theory]
    [InlineData("bookworm", false)]
    [InlineData("trixie", true)]
    public async Task A_watch_from_the_compacted_revision_may_lack_deletions_and_one_from_before_is_refused(string suite, bool tells)
    {
        await using var etcd = await EtcdServers.StartAsync(suite);
        await etcd.PutAsync("/a", 2);
        using var channel = etcd.Channel();
        var (deleted, put) = (ByteString.CopyFromUtf8("/a/0"), ByteString.CopyFromUtf8("/a/1"));
        await new KV.KVClient(channel).TxnAsync(new TxnRequest
        {
            Success =
            {
                new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = deleted } },
                new RequestOp { RequestPut = new PutRequest { Key = put } },
            },
        });
        var revision = await etcd.RevisionAsync();
        await etcd.CtlAsync("compact", "--physical", $"{revision}");
        Assert.Equal(tells ? [deleted, put] : [put], (await FirstAsync(revision)).Events.Select(e => e.Kv.Key));
        Assert.Equal(revision, (await FirstAsync(revision - 1)).CompactRevision);

        async Task<WatchResponse> FirstAsync(long from)
        {
            using var watch = new Watch.WatchClient(channel).Watch();
            await watch.RequestStream.WriteAsync(new WatchRequest
            {
                CreateRequest = new WatchCreateRequest
                {
                    Key = ByteString.CopyFrom(0),
                    RangeEnd = ByteString.CopyFrom(0),
                    StartRevision = from,
                },
            });
            return await watch.ResponseStream.ReadAllAsync().FirstAsync(r => r.Events.Count > 0 || r.Canceled);
        }
    }

    private async Task CheckAsync(long revision, long compacted, long last)
    {
        var (source, log, file) = (_scratch["base"], _scratch["log"], _scratch[$"{revision}.db"]);
        var made = await SnapshotMaker.MakeAsync(source, [log], file, revision, withoutDigest: false, default);
        var found = SnapshotInspector.InspectContent(file);
        Assert.Equal((revision, compacted), (made.Revision, made.FirstRevision));
        Assert.Equal((revision, compacted, found.Content!.HashKv), (found.Revision, Math.Max(1, found.CompactedRevision), made.HashKv));
        Assert.Equal((_keys[revision].Count, _keys[revision].Count), (made.LiveKeys, found.Content.LiveKeys));
        Assert.Equal(made.Kept + made.Added, found.Revisions);
        Assert.True(SnapshotDigest.IsRight(file, default));
        Assert.Equal(found.Content, SnapshotMaker.Prove(source, [log], revision, null, default));
        foreach (var (_, hashCompacted, hash) in _hashes.Where(h => h.Revision == revision))
        {
            var told = (revision, hashCompacted, hash);
            Assert.Equal(told, (revision, hashCompacted, SnapshotInspector.InspectContent(file, hashCompacted).Content!.HashKv));
            Assert.Equal(told, (revision, hashCompacted, SnapshotMaker.Prove(source, [log], revision, hashCompacted, default).HashKv));
        }

        if (revision == last)
        {
            await SnapshotMaker.MakeAsync(source, [log], _scratch["again.db"], revision, withoutDigest: false, default);
            Assert.Equal(await File.ReadAllBytesAsync(file), await File.ReadAllBytesAsync(_scratch["again.db"]));
        }
    }

    private static async Task CheckLeasesAsync(
        EtcdServers restored, IReadOnlyList<long> ofBase, LogRecorder recorder, IReadOnlyList<KeyValue> keys)
    {
        using var channel = restored.Channel();
        var client = new Lease.LeaseClient(channel);
        var there = await RandomHistory.LeasesAsync(restored);
        Assert.Empty(ofBase.Except(there));
        Assert.Empty(there.Except(ofBase).Except(recorder.Leases.Keys));
        Assert.Empty(keys.Select(k => k.Lease).Where(recorder.Leases.ContainsKey).Except(there));
        foreach (var id in there)
        {
            var lease = await client.LeaseTimeToLiveAsync(new LeaseTimeToLiveRequest { ID = id, Keys = true });
            Assert.Equal(RandomHistory.SecondsOf(id), lease.GrantedTTL);
            Assert.Equal(keys.Where(k => k.Lease == id).Select(k => k.Key), lease.Keys.OrderBy(k => k.ToBase64(), StringComparer.Ordinal)
                .OrderBy(k => keys.ToList().FindIndex(kv => kv.Key == k)));
        }
    }

    // What the member says of each revision that it still has.
    private async Task AskAsync(EtcdServers etcd, long from)
    {
        using var channel = etcd.Channel();
        var member = new Maintenance.MaintenanceClient(channel);
        for (var revision = from; revision <= await etcd.RevisionAsync(); revision++)
        {
            try
            {
                var answer = await member.HashKVAsync(new HashKVRequest { Revision = revision });

                // Of a compacted revision itself newer members say what they hashed before that compaction, which the base came after.
                if (Math.Max(1, answer.CompactRevision) >= from)
                {
                    _hashes.Add((revision, Math.Max(0, answer.CompactRevision), answer.Hash));
                }

                _keys[revision] = await RandomHistory.ReadAsync(etcd, revision);
            }
            catch (RpcException e) when (e.Status.Detail.Contains("compacted", StringComparison.Ordinal))
            {
                if (!_keys.ContainsKey(revision) && revision == from)
                {
                    _keys[revision] = await RandomHistory.ReadAsync(etcd, revision);
                }
            }
        }
    }

    private static async Task<long> CompactAsync(EtcdServers etcd, Random random, long after = 0)
    {
        var revision = Math.Max(await etcd.RevisionAsync() - random.Next(8), after + 1);
        await etcd.CtlAsync("compact", "--physical", $"{revision}");
        return revision;
    }
}
