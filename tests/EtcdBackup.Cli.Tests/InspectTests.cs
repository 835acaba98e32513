using System.IO.Compression;
using System.Text.Json;
using EtcdBackup.Testing;
using Etcdserverpb;

namespace EtcdBackup.Cli.Tests;

/// <summary><c>inspect</c> against etcd's own tools.</summary>
public sealed class InspectTests : IDisposable
{
    private static readonly string Versions = Path.Combine(Workspace.Root, "tests/EtcdBackup.Tests/Snapshots/Versions");

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    public static TheoryData<string> Recorded() =>
        [.. Directory.GetFiles(Versions, "*.gz").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData("bookworm", "etcdctl")]
    [InlineData("trixie", "etcdutl")]
    [InlineData("forky", "etcdutl")]
    public async Task Its_numbers_are_those_of_the_tool_of_that_etcd_and_of_the_live_member(string suite, string tool)
    {
        await using var etcd = await EtcdServers.StartAsync(suite);
        await etcd.PutAsync("/a", 200, 300);
        await etcd.CtlAsync("del", "/a/1", "/a/5");
        await etcd.CtlAsync("compact", "--physical", "100");
        await etcd.PutAsync("/large", 3, 200_000, seed: 2);
        await etcd.CtlAsync("lease", "grant", "3600");
        await etcd.CtlAsync("snapshot", "save", _scratch["a.db"]);
        using var channel = etcd.Channel();
        var live = await new Maintenance.MaintenanceClient(channel).HashKVAsync(new HashKVRequest());

        foreach (var all in new[] { false, true })
        {
            var found = await JsonAsync([_scratch["a.db"], .. all ? ["--all"] : Array.Empty<string>()]);
            var snapshot = found.GetProperty("snapshot");
            var status = JsonDocument.Parse(await ChildProcess.RunAsync(
                Workspace.EtcdTool(suite, tool), "snapshot", "status", _scratch["a.db"], "-w", "json")).RootElement;
            Assert.Equal(status.GetProperty("hash").GetUInt32(), found.GetProperty("statusHash").GetUInt32());
            Assert.Equal(Number(status, "revision"), Number(snapshot, "lastMainRevision"));
            Assert.Equal(Number(status, "totalKey"), Number(snapshot, "totalKeys"));
            Assert.Equal(Number(status, "totalSize"), Number(snapshot, "totalSize"));
            Assert.Equal(1, Number(snapshot, "leases"));
            Assert.Equal("m0", Assert.Single(snapshot.GetProperty("members").EnumerateArray()).GetProperty("name").GetString());
            Assert.Equal(all, snapshot.TryGetProperty("content", out var content));
            Assert.Equal(all, found.TryGetProperty("sha256IsRight", out var isRight) && isRight.GetBoolean());
            if (all)
            {
                Assert.Equal(live.Hash, content.GetProperty("hashKv").GetUInt32());
                Assert.Equal(live.Header.Revision, Number(content, "hashKvRevision"));
                Assert.Equal(live.CompactRevision, Number(content, "hashKvCompactRevision"));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public async Task Its_numbers_are_those_that_the_tools_of_other_versions_said(string file)
    {
        var said = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Versions, "expected.json"))).RootElement.EnumerateArray()
            .Single(e => e.GetProperty("file").GetString() == file);
        var isNew = said.TryGetProperty("etcdutl snapshot status", out var status);
        status = isNew ? status : said.GetProperty("etcdctl snapshot status");
        var found = await JsonAsync(Unpack(file), "--all");
        var (snapshot, content) = (found.GetProperty("snapshot"), found.GetProperty("snapshot").GetProperty("content"));
        Assert.Equal(status.GetProperty("hash").GetUInt32(), found.GetProperty("statusHash").GetUInt32());
        Assert.Equal(Number(status, "totalKey"), isNew ? Number(content, "liveKeys") : Number(snapshot, "totalKeys"));
        Assert.Equal(Number(status, "totalSize"), Number(snapshot, "totalSize"));
        Assert.True(found.GetProperty("sha256IsRight").GetBoolean());
        Assert.Equal(isNew ? status.GetProperty("version").GetString() : null,
            snapshot.TryGetProperty("storageVersion", out var version) ? version.GetString() : null);
        if (said.TryGetProperty("HashKV of the live member", out var live))
        {
            Assert.Equal(live.GetProperty("hash").GetUInt32(), content.GetProperty("hashKv").GetUInt32());
            Assert.Equal(Number(live, "hash_revision"), Number(content, "hashKvRevision"));
            // A member says -1 while nothing is compacted.
            Assert.Equal(Math.Max(0, Number(live, "compact_revision")), Number(content, "hashKvCompactRevision"));
        }
    }

    [Fact]
    public async Task A_table_has_the_hashes_as_the_tools_tables_and_as_their_JSON_have_them()
    {
        var file = Unpack("etcd-3.6.14-compacted.backup");
        var table = (await CliService.RunAsync("", "inspect", file, "--all")).Out;
        foreach (var line in new[]
        {
            $"File             {file}, 0.121 MB (127008 bytes)", "Status hash      d569abb6 (3580472246)",
            "Revision         38, compacted up to 20", "Version          storage 3.6.0, cluster 3.6.0", "Leases           2",
            "Keys             304, ", "HashKV           69fe9780 (1778292608), of revision 38, compacted up to 20",
            "key               328       77771", "7355ab, right",
        })
        {
            Assert.Contains(line, table, StringComparison.Ordinal);
        }

        Assert.Equal($"{file}\n", (await CliService.RunAsync("", "inspect", file, "-o", "name")).Out);
    }

    private static async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var ended = await CliService.RunAsync("", ["inspect", "-o", "json", .. arguments]);
        return ended is { Code: 0, Error: "" } ? JsonDocument.Parse(ended.Out).RootElement
            : throw new InvalidOperationException($"{ended}");
    }

    private string Unpack(string file) => Unpack(file, _scratch[file]);

    internal static string Unpack(string file, string path)
    {
        using var from = new GZipStream(File.OpenRead(Path.Combine(Versions, file + ".gz")), CompressionMode.Decompress);
        using var to = File.Create(path);
        from.CopyTo(to);
        return path;
    }

    private static long Number(JsonElement element, string field) => element.GetProperty(field).GetInt64();
}
