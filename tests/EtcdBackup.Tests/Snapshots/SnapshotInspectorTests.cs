using System.Text.Json;
using EtcdBackup.Snapshots;
using EtcdBackup.Testing;
using Etcdserverpb;

namespace EtcdBackup.Tests.Snapshots;

/// <summary>The inspector against etcd's own tools and a live member, on every kind of content.</summary>
public class SnapshotInspectorTests
{
    public static TheoryData<string, string> Contents()
    {
        var data = new TheoryData<string, string>();
        foreach (var suite in new[] { "bookworm", "trixie", "forky" })
        {
            foreach (var content in new[] { "empty", "one key", "many small keys", "large values", "revisions and compaction",
                "compacted at the last revision", "deletes", "all deleted and compacted", "leases", "auth", "defragmented" })
            {
                data.Add(suite, content);
            }
        }

        data.Add("forky", "member changes");
        return data;
    }

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task It_agrees_with_etcdutl_and_with_the_live_members_HashKV(string suite, string content)
    {
        using var scratch = new ScratchDirectory();
        await using var etcd = await EtcdServers.StartAsync(suite);
        await FillAsync(etcd, content);
        var file = scratch["snapshot"];
        await SaveAsync(etcd, file);

        var report = SnapshotInspector.InspectContent(file);
        var status = JsonDocument.Parse(
            await ChildProcess.RunAsync(Workspace.EtcdTool("forky", "etcdutl"), "snapshot", "status", file, "-w", "json")).RootElement;
        Assert.Equal(status.GetProperty("hash").GetUInt32(), report.Content!.StatusHash);
        Assert.Equal(status.GetProperty("revision").GetInt64(), report.LastMainRevision);
        Assert.Equal(status.GetProperty("totalKey").GetInt64(), report.TotalKeys);
        Assert.Equal(status.GetProperty("totalSize").GetInt64(), report.TotalSize);

        if (content != "auth")
        {
            using var channel = etcd.Channel();
            var live = await new Maintenance.MaintenanceClient(channel).HashKVAsync(new HashKVRequest());
            Assert.Equal(live.Header.Revision, report.Revision);
            var compacted = Math.Max(0, live.CompactRevision);
            Assert.Equal(compacted, report.CompactedRevision);
            var compared = SnapshotInspector.InspectContent(file, compacted);
            Assert.Equal(live.Hash, compared.Content!.HashKv);
            Assert.Equal(Plain(compared), Plain(SnapshotInspector.InspectContent(file, compacted, mostEntries: 7, default)));

            var range = await new KV.KVClient(channel)
                .RangeAsync(new RangeRequest
                {
                    Key = Google.Protobuf.ByteString.CopyFrom(0),
                    RangeEnd = Google.Protobuf.ByteString.CopyFrom(0),
                    CountOnly = true
                });
            Assert.Equal(range.Count, report.Content.LiveKeys);
        }

        Assert.Equal(content == "auth", report.AuthEnabled);
        Assert.Equal(content == "leases" ? 2 : 0, report.Leases);
        Assert.Equal(content == "member changes" ? 2 : 1, report.Members.Count);
        Assert.Equal(["m0"], report.Members.Select(m => m.Name).Where(n => n != ""));
        Assert.Equal(suite == "bookworm" && content == "empty", report.ConsistentIndex is null); // 3.4 writes it with the first entry
        Assert.Equal(suite == "bookworm", report.Term is null);
        var (brief, hash) = SnapshotInspector.InspectStatus(file);
        Assert.Equal((Plain(report with { Content = null }), report.Content.StatusHash), (Plain(brief), hash));
        Assert.Equal(Plain(brief), Plain(SnapshotInspector.Inspect(file)));

        // Lists are equal only to themselves.
        static SnapshotReport Plain(SnapshotReport report) => report with { Buckets = [], Members = [], Alarms = [] };
    }

    [Fact]
    public async Task A_compaction_after_the_snapshot_can_still_be_compared()
    {
        using var scratch = new ScratchDirectory();
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 50);
        await etcd.PutAsync("/a", 30, seed: 2);
        await etcd.CtlAsync("del", "/a/3");
        await etcd.CtlAsync("del", "/a/40"); // stays deleted: the compaction below takes its deletion away, and the file still has it
        await etcd.PutAsync("/a", 10, seed: 3);
        await SaveAsync(etcd, scratch["snapshot"]);
        var revision = SnapshotInspector.Inspect(scratch["snapshot"]).Revision;
        await etcd.PutAsync("/b", 5);
        await etcd.CtlAsync("compact", "--physical", $"{revision - 5}");
        using var channel = etcd.Channel();
        var live = await new Maintenance.MaintenanceClient(channel).HashKVAsync(new HashKVRequest { Revision = revision });
        Assert.Equal(revision - 5, live.CompactRevision);
        Assert.Equal(live.Hash, SnapshotInspector.InspectContent(scratch["snapshot"], live.CompactRevision).Content!.HashKv);
    }

    [Fact]
    public async Task An_alarm_is_reported()
    {
        using var scratch = new ScratchDirectory();
        await using var etcd = await EtcdServers.StartAsync(new EtcdOptions { Arguments = ["--quota-backend-bytes", "2097152"] });
        await Assert.ThrowsAnyAsync<Exception>(() => etcd.PutAsync("/a", 20, 500_000));
        await SaveAsync(etcd, scratch["snapshot"]);
        Assert.StartsWith("NOSPACE of ", Assert.Single(SnapshotInspector.Inspect(scratch["snapshot"]).Alarms), StringComparison.Ordinal);
    }

    internal static Task SaveAsync(EtcdServers etcd, string file) => etcd.Authenticated
        ? etcd.CtlAsync("--user", "root:secret", "snapshot", "save", file)
        : etcd.CtlAsync("snapshot", "save", file);

    private static async Task FillAsync(EtcdServers etcd, string content)
    {
        switch (content)
        {
            case "one key":
                await etcd.PutAsync("/one", 1);
                break;
            case "many small keys":
                await etcd.PutManyAsync("/small", 10_000);
                break;
            case "large values":
                await etcd.PutAsync("/large", 5, 1024 * 1024);
                break;
            case "revisions and compaction":
                await etcd.PutAsync("/a", 200, 300);
                await etcd.PutAsync("/a", 150, 400, seed: 2);
                await etcd.CtlAsync("compact", "--physical", "250");
                break;
            case "compacted at the last revision":
                await etcd.PutAsync("/a", 50);
                await etcd.PutAsync("/a", 50, seed: 2);
                await etcd.CtlAsync("compact", "--physical", "101");
                break;
            case "deletes":
                await etcd.PutAsync("/a", 100);
                await etcd.CtlAsync("del", "/a/1", "/a/5");
                await etcd.PutAsync("/a", 30, seed: 2);
                break;
            case "all deleted and compacted":
                await etcd.PutAsync("/a", 10);
                await etcd.CtlAsync("del", "--prefix", "/a");
                await etcd.PutAsync("/b", 1);
                await etcd.CtlAsync("del", "/b/0");
                await etcd.CtlAsync("compact", "--physical", "12");
                break;
            case "leases":
                await etcd.CtlAsync("lease", "grant", "3600");
                var lease = (await etcd.CtlAsync("lease", "grant", "3600")).Split(' ')[1];
                await etcd.CtlAsync("put", "--lease", lease, "leased", "1");
                break;
            case "auth":
                await etcd.PutAsync("/a", 10);
                await etcd.EnableAuthAsync("secret");
                break;
            case "defragmented":
                await etcd.PutAsync("/a", 100, 50_000);
                await etcd.CtlAsync("compact", "--physical", "90");
                await etcd.CtlAsync("del", "--prefix", "/a/1");
                await etcd.CtlAsync("defrag");
                await etcd.PutAsync("/c", 10);
                break;
            case "member changes":
                await etcd.PutAsync("/a", 10);
                await etcd.CtlAsync("member", "add", "learner", "--learner", "--peer-urls", "http://127.0.0.1:1");
                break;
        }

    }
}
