using System.Text.Json;
using EtcdBackup.Snapshots.Files;
using Etcdserverpb;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Making;
using EtcdBackup.Testing;
using Grpc.Core;

namespace EtcdBackup.Cli.Tests;

/// <summary><c>cut</c> against a live member, etcd's own tools, and etcd restored from what was cut.</summary>
public sealed class CutTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("bookworm", "etcdctl", 1)]
    [InlineData("trixie", "etcdutl", 2)]
    [InlineData("forky", "etcdutl", 3)]
    public async Task At_every_revision_it_is_what_the_live_member_had_then(string suite, string tool, int seed)
    {
        await using var etcd = await EtcdServers.StartAsync(suite);
        using var history = new RandomHistory(etcd, seed);
        await history.WriteAsync(40);
        var compacted = await etcd.RevisionAsync() - 8;
        await etcd.CtlAsync("compact", "--physical", $"{compacted}");
        await history.WriteAsync(40);
        var source = _scratch["source.db"];
        await etcd.CtlAsync("snapshot", "save", source);
        var last = await etcd.RevisionAsync();
        var leases = await RandomHistory.LeasesAsync(etcd);
        using var channel = etcd.Channel();
        var member = new Maintenance.MaintenanceClient(channel);

        for (var revision = compacted; revision <= last; revision++)
        {
            var file = _scratch[$"{revision}.db"];
            var cut = await CutAsync(source, file, revision);
            Assert.Equal((revision, compacted, last), (cut.Revision, cut.FirstRevision, cut.LastRevision));

            var found = SnapshotInspector.InspectContent(file, compacted);
            Assert.Equal(revision, found.Revision);
            Assert.True(SnapshotDigest.IsRight(file, default));
            if (await LiveHashAsync(member, revision) is { } live && live.CompactRevision == compacted)
            {
                Assert.Equal((live.Hash, live.Hash), (found.Content!.HashKv, cut.HashKv));
            }
            else
            {
                // For the compacted revision itself older members have no answer, and newer ones what they hashed before the compaction.
                Assert.Equal(compacted, revision);
            }

            var keys = await RandomHistory.ReadAsync(etcd, revision);
            Assert.Equal((keys.Count, keys.Count), (cut.LiveKeys, found.Content!.LiveKeys));
            var orphans = keys.Where(k => k.Lease != 0 && !leases.Contains(k.Lease)).ToArray();
            Assert.Equal(orphans.Length, cut.Orphans!.Keys);
            Assert.Equal(orphans.Select(k => k.Lease).Distinct().Order().Select(l => $"{l:x}"), cut.Orphans.Leases);

            var status = JsonDocument.Parse(await ChildProcess.RunAsync(
                "env", "ETCDCTL_API=3", Workspace.EtcdTool(suite, tool), "snapshot", "status", file, "-w", "json")).RootElement;
            Assert.Equal(SnapshotInspector.InspectStatus(file).StatusHash, status.GetProperty("hash").GetUInt32());
            Assert.Equal(found.LastMainRevision, status.GetProperty("revision").GetInt64());
        }

        // The whole content, with all other buckets.
        Assert.Equal(
            SnapshotInspector.InspectStatus(source).StatusHash, SnapshotInspector.InspectStatus(_scratch[$"{last}.db"]).StatusHash);
        await using var restored = await EtcdServers.StartAsync(suite);
        foreach (var revision in new[] { compacted, compacted + 1, (compacted + last) / 2, last - 1, last })
        {
            await restored.RestoreInPlaceAsync(_scratch[$"{revision}.db"]);
            Assert.Equal(await RandomHistory.ReadAsync(etcd, revision), await RandomHistory.ReadAsync(restored));
            Assert.Equal(revision, await restored.RevisionAsync());
            Assert.Equal(leases.Order(), (await RandomHistory.LeasesAsync(restored)).Order());
            await GoesOnAsync(restored, seed);
        }
    }

    // bbolt changes, frees and moves the pages that were written here.
    private static async Task GoesOnAsync(EtcdServers etcd, int seed)
    {
        using var more = new RandomHistory(etcd, seed + 10);
        await more.WriteAsync(20);
        var before = await RandomHistory.ReadAsync(etcd);
        await etcd.CtlAsync("compact", "--physical", $"{await etcd.RevisionAsync()}");
        await etcd.CtlAsync("defrag");
        await etcd.StopMemberAsync(0);
        SnapshotInspector.InspectContent(etcd.DatabaseOf(0));
        etcd.StartMember(0);
        await etcd.WaitHealthyAsync();
        Assert.Equal(before, await RandomHistory.ReadAsync(etcd));
    }

    [Theory]
    [MemberData(nameof(InspectTests.Recorded), MemberType = typeof(InspectTests))]
    public async Task Files_of_other_versions_are_cut_at_each_of_their_revisions(string file)
    {
        var source = InspectTests.Unpack(file, _scratch["source.db"]);
        var whole = SnapshotInspector.InspectContent(source);
        long kept = 0;
        for (var revision = Math.Max(1, whole.CompactedRevision); revision <= whole.Revision; revision++)
        {
            var cut = await CutAsync(source, _scratch[$"{revision}.db"], revision);
            var found = SnapshotInspector.InspectContent(_scratch[$"{revision}.db"]);
            Assert.Equal((revision, cut.Kept, cut.LiveKeys), (found.Revision, found.Revisions, found.Content!.LiveKeys));
            Assert.Equal(whole.Revisions, cut.Kept + cut.LeftOut);
            Assert.True(cut.Kept > kept || revision == Math.Max(1, whole.CompactedRevision));
            kept = cut.Kept;
            Assert.Equal(whole.Buckets.Where(b => b.Name != "key"), found.Buckets.Where(b => b.Name != "key"));
            Assert.Equal(
                (whole.ConsistentIndex, whole.Term, whole.StorageVersion, whole.CompactedRevision, whole.ScheduledCompactRevision),
                (found.ConsistentIndex, found.Term, found.StorageVersion, found.CompactedRevision, found.ScheduledCompactRevision));
        }

        var end = SnapshotInspector.InspectContent(_scratch[$"{whole.Revision}.db"]);
        Assert.Equal(whole.Content, end.Content);
        await ChildProcess.RunAsync(
            Workspace.EtcdTool("forky", "etcdutl"), "snapshot", "restore", _scratch[$"{whole.Revision}.db"],
            "--data-dir", _scratch["data"]);
    }

    [Fact]
    public async Task The_same_file_and_revision_give_the_same_bytes_and_only_their_owner_reads_them()
    {
        var source = Recorded();
        var ended = await RunAsync(source, 30, "a.db");
        Assert.True(ended is { Code: 0, Error: "" }, ended.ToString());
        foreach (var line in new[]
        {
            $"File       {_scratch["a.db"]}, ", "Revision   30, of 20 to 38", "Keys       307", "Left out   11 later ones, ",
        })
        {
            Assert.Contains(line, ended.Out, StringComparison.Ordinal);
        }

        ended = await RunAsync(source, 30, "b.db", "--format", "json");
        var cut = JsonDocument.Parse(ended.Out).RootElement.GetProperty("cut");
        Assert.Equal((30, 307, 11), (
            cut.GetProperty("revision").GetInt64(), cut.GetProperty("liveKeys").GetInt64(), cut.GetProperty("leftOut").GetInt64()));
        Assert.Equal(SnapshotDigest.TrailerOf(_scratch["b.db"]), cut.GetProperty("sha256").GetString());
        Assert.Equal($"{_scratch["c.db"]}\n", (await RunAsync(source, 30, "c.db", "--format", "name")).Out);
        Assert.Equal(await File.ReadAllBytesAsync(_scratch["a.db"]), await File.ReadAllBytesAsync(_scratch["b.db"]));
        Assert.Equal("600", (await ChildProcess.RunAsync("stat", "-c", "%a", _scratch["a.db"])).Trim());
    }

    private string Recorded() => InspectTests.Unpack("etcd-3.6.14-compacted.backup", _scratch["source.db"]);

    private static Task<MadeReport> CutAsync(string source, string target, long revision) =>
        SnapshotMaker.MakeAsync(source, [], target, revision, withoutDigest: false, default);

    private Task<Ended> RunAsync(string source, long revision, string target, params string[] more) =>
        CliService.RunAsync("", ["cut", source, "--revision", $"{revision}", "-o", _scratch[target], .. more]);

    private static async Task<HashKVResponse?> LiveHashAsync(Maintenance.MaintenanceClient member, long revision)
    {
        try
        {
            return await member.HashKVAsync(new HashKVRequest { Revision = revision });
        }
        catch (RpcException e) when (e.Status.Detail.Contains("compacted", StringComparison.Ordinal))
        {
            return null;
        }
    }
}
