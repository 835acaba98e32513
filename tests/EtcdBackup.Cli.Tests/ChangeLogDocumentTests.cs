using System.Text.RegularExpressions;
using EtcdBackup.Testing;

namespace EtcdBackup.Cli.Tests;

/// <summary>The page on the change log's format: each of its commands, on the log of a real etcd.</summary>
public sealed partial class ChangeLogDocumentTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Its_commands_show_what_the_log_has()
    {
        await MakeLogAsync();
        File.Copy(Path.Combine(Workspace.Root, "docs/changelog.proto"), _scratch["changelog.proto"]);
        var lines = File.ReadLines(Path.Combine(Workspace.Root, "docs/changelog-format.md"))
            .Where(l => l.StartsWith("$ ", StringComparison.Ordinal)).Select(l => l[2..]).ToArray();
        Assert.Equal(10, lines.Length);
        var told = new List<string>();
        foreach (var line in lines)
        {
            // One that ends as soon as it has enough leaves protoc with a broken pipe.
            var ended = await CliService.BashAsync(line, _scratch.Path, "pipefail");
            Assert.True(ended.Code is 0 or 141, $"{line}: {ended}");
            told.Add(ended.Out);
        }

        Assert.Contains("cluster_id: 1\n", told[0], StringComparison.Ordinal);
        Assert.Equal([3, 5, 6, 8], Number().Matches(told[1]).Select(m => int.Parse(m.Value)));
        Assert.Equal("6", told[2].Trim());
        Assert.Contains("create_revision: 4\n", told[3], StringComparison.Ordinal);
        Assert.Contains("key: \"/a/2\"", told[4], StringComparison.Ordinal);
        Assert.Matches("before: \"", told[6]);

        // Nothing is left that the description does not know.
        foreach (var field in new[] { "incarnation: \"1\"", "base: \"base\"", "events: 3", "ID: ", "TTL: 60", "time_ms: ", "version: 1" })
        {
            Assert.Contains(field, await DecodeAsync("log/1.zst"), StringComparison.Ordinal);
        }

        Assert.DoesNotMatch(@"(?m)^\s*\d+:", await DecodeAsync("log/1.zst") + await DecodeAsync("log/2.zst"));
    }

    private async Task<string> DecodeAsync(string segment) => (await CliService.BashAsync(
        $"zstd -dc {segment} | protoc --decode=etcdbackup.Segment changelog.proto", _scratch.Path, "pipefail")).Out;

    // Two segments: revisions 3 to 5, and 6 to 8.
    private async Task MakeLogAsync()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 1);
        await etcd.CtlAsync("snapshot", "save", _scratch["base.db"]);
        await using var recorder = LogRecorder.Start(etcd, 3, seed: 0, seals: [5]);
        await etcd.CtlAsync("lease", "grant", "60");
        var lease = Assert.Single(await RandomHistory.LeasesAsync(etcd));
        await etcd.CtlAsync("put", "/a/0", "x", $"--lease={lease:x}");
        await etcd.CtlAsync("put", "/a/1", "y");
        await etcd.CtlAsync("put", "/a/2", "z");
        await etcd.CtlAsync("del", "/a/2");
        await etcd.CtlAsync("put", "/a/1", "y2");
        await etcd.CtlAsync("put", "/a/3", "");
        await recorder.WriteAsync(8, _scratch["whole"]);
        Directory.CreateDirectory(_scratch["log"]);
        foreach (var (segment, i) in recorder.Segments.Select((s, i) => (s, i)))
        {
            await File.WriteAllBytesAsync(_scratch[$"log/{i + 1}"], segment.Bytes);
            await ChildProcess.RunAsync("zstd", "-q", "--rm", _scratch[$"log/{i + 1}"]);
        }
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
