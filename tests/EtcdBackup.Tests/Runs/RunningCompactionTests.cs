using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Runs;
using EtcdBackup.Secrets;
using EtcdBackup.Snapshots;
using EtcdBackup.Testing;
using EtcdBackup.Tests.Snapshots;
using Etcdserverpb;
using Google.Protobuf;

namespace EtcdBackup.Tests.Runs;

/// <summary>A sound file is never called damaged, and a damaged one never matches, whatever is written and compacted meanwhile.</summary>
public class RunningCompactionTests
{
    private static readonly EtcdTimeouts Timeouts = new();

    // Each deletes a few revisions and then sleeps, so that a snapshot can be taken in the middle.
    private static readonly string[] SlowCompaction =
        ["--experimental-compaction-batch-limit", "200", "--experimental-compaction-sleep-interval", "50ms"];

    [Theory]
    [InlineData("trixie")]
    [InlineData("forky")]
    public async Task A_file_in_the_middle_of_a_compaction_is_not_called_damaged(string suite)
    {
        using var scratch = new ScratchDirectory();
        await using var etcd = await EtcdServers.StartAsync(new EtcdOptions { Suite = suite, Arguments = SlowCompaction });
        SnapshotReport report;
        do
        {
            for (var i = 0; i < 10; i++)
            {
                await etcd.PutManyAsync("/a", 1000);
            }

            await etcd.CtlAsync("compact", $"{await etcd.RevisionAsync()}");
            await SnapshotInspectorTests.SaveAsync(etcd, scratch["snapshot"]);
            report = SnapshotInspector.Inspect(scratch["snapshot"]);
        }
        while (report.ScheduledCompactRevision <= report.CompactedRevision);

        // The member hashes what the compaction leaves; once it is done, it gives the hash that it had stored before that compaction.
        Assert.NotEqual(ProofResult.Mismatch, (await CompareAsync(etcd, scratch["snapshot"])).Result);
        using var channel = etcd.Channel();
        var maintenance = new Maintenance.MaintenanceClient(channel);
        await Workspace.UntilAsync(
            async () => (await maintenance.HashKVAsync(new HashKVRequest { Revision = report.Revision })).CompactRevision
                < report.ScheduledCompactRevision,
            "the compaction is done");
        Assert.Equal(ProofResult.NotComparable, (await CompareAsync(etcd, scratch["snapshot"])).Result);
    }

    // When nothing lives, etcd hashes what the compaction has not deleted yet, and versions differ in what they do with deletions.
    [Theory]
    [InlineData(true, ProofResult.Matched)]
    [InlineData(false, ProofResult.NotComparable)]
    public async Task Members_of_two_versions_are_never_called_different_for_that(bool hasKeys, ProofResult expected)
    {
        using var scratch = new ScratchDirectory();
        await using var etcd = await EtcdServers.StartAsync(
            new EtcdOptions { Members = 3, Suites = ["bookworm", "forky", "bookworm"], Suite = "bookworm" });
        if (hasKeys)
        {
            await etcd.CtlAsync("put", "/lives", "on");
        }

        foreach (var key in new[] { "/a", "/b" })
        {
            await etcd.CtlAsync("put", key, "gone");
            await etcd.CtlAsync("del", key);
        }

        await ChildProcess.RunAsync(
            Workspace.EtcdTool("forky", "etcdctl"), "--endpoints", etcd.Endpoints[0], "snapshot", "save", scratch["snapshot"]);
        await etcd.CtlAsync("compact", "--physical", $"{await etcd.RevisionAsync() - 2}");
        var proof = await CompareAsync(etcd, scratch["snapshot"]);
        Assert.Equal((expected, false), (proof.Result, proof.MembersDiffer));
    }

    [Theory]
    [InlineData("bookworm", 1)]
    [InlineData("trixie", 2)]
    [InlineData("forky", 3)]
    public async Task Whatever_is_written_and_compacted_meanwhile_a_sound_file_is_sound_and_a_damaged_one_never_matches(
        string suite, int seed)
    {
        using var scratch = new ScratchDirectory();
        await using var etcd = await EtcdServers.StartAsync(
            new EtcdOptions { Suite = suite, Arguments = suite == "bookworm" ? [] : SlowCompaction });
        await etcd.PutManyAsync("/base", 3000);
        using var stop = new CancellationTokenSource();
        var random = new Random(seed);
        var writing = WriteAsync(etcd, new Random(seed), stop.Token);
        var results = new List<ProofResult>();
        for (var round = 0; round < 15; round++)
        {
            await SnapshotInspectorTests.SaveAsync(etcd, scratch["snapshot"]);
            var proof = await CompareAsync(etcd, scratch["snapshot"]);
            Assert.True(proof.Result != ProofResult.Mismatch, proof.Detail);
            results.Add(proof.Result);
            if (Damage(scratch["snapshot"], random))
            {
                Assert.NotEqual(ProofResult.Matched, (await CompareAsync(etcd, scratch["snapshot"])).Result);
            }
        }

        await stop.CancelAsync();
        await writing;
        Assert.Contains(ProofResult.Matched, results);
    }

    private static async Task WriteAsync(EtcdServers etcd, Random random, CancellationToken stop)
    {
        using var channel = etcd.Channel();
        var client = new KV.KVClient(channel);
        var revision = 0L;
        while (!stop.IsCancellationRequested)
        {
            var key = ByteString.CopyFromUtf8($"/r{random.Next(12)}");
            switch (random.Next(20))
            {
                case 0 when revision > 0:
                    // Half of them at the newest revision, where deletions are treated in another way.
                    await CompactAsync(client, random.Next(2) == 0 ? revision : revision - random.Next(40));
                    break;
                case < 5:
                    var delete = new DeleteRangeRequest { Key = key };
                    revision = (await client.DeleteRangeAsync(delete, cancellationToken: CancellationToken.None)).Header.Revision;
                    break;
                case < 7:
                    revision = (await client.TxnAsync(new TxnRequest
                    {
                        Success =
                        {
                            new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = key } },
                            new RequestOp { RequestPut = new PutRequest { Key = ByteString.CopyFromUtf8("/t"), Value = key } },
                        },
                    }, cancellationToken: CancellationToken.None)).Header.Revision;
                    break;
                default:
                    var put = new PutRequest { Key = key, Value = ByteString.CopyFromUtf8($"value-{random.Next()}") };
                    revision = (await client.PutAsync(put, cancellationToken: CancellationToken.None)).Header.Revision;
                    break;
            }
        }
    }

    private static async Task CompactAsync(KV.KVClient client, long revision)
    {
        try
        {
            await client.CompactAsync(new CompactionRequest { Revision = revision });
        }
        catch (Grpc.Core.RpcException e) when (e.StatusCode == Grpc.Core.StatusCode.OutOfRange)
        {
            // compacted already
        }
    }

    // Another letter in every value of the writer, wherever it is in the file: some of them are live.
    private static bool Damage(string file, Random random)
    {
        var bytes = File.ReadAllBytes(file);
        var isFound = false;
        for (int at, from = 0; (at = bytes.AsSpan(from).IndexOf("value-"u8)) >= 0; from += at + 6)
        {
            bytes[from + at + random.Next(5)] ^= 1;
            isFound = true;
        }

        File.WriteAllBytes(file, bytes);
        return isFound;
    }

    private static async Task<LiveProof> CompareAsync(EtcdServers etcd, string file)
    {
        using var connections =
            new EtcdConnections(Timeouts, new CredentialFiles(new MountedSecrets("")), new ResourceLimits(), TimeProvider.System);
        using var cluster = (EtcdCluster)await connections.OpenAsync(
            new ClusterSpec
            {
                Key = new ClusterKey("default", "compacted"),
                Endpoints = [.. etcd.Endpoints.Select(e => new Uri(e))],
                Backup = new BackupSpec(),
            },
            CancellationToken.None);
        var members = await cluster.ProbeAsync(CancellationToken.None);
        Assert.All(members, m => Assert.Null(m.Error));
        var (proof, _) = await LiveComparison.CompareAsync(
            cluster, members[0], members, file, SnapshotInspector.Inspect(file), ProofLevel.HashKV, Timeouts, CancellationToken.None);
        return proof!;
    }
}
