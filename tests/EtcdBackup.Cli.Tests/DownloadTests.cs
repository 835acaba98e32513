using EtcdBackup.Testing;

namespace EtcdBackup.Cli.Tests;

public class DownloadTests(CliService cli) : IClassFixture<CliService>
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task A_file_is_whole_its_owner_s_alone_and_never_written_over()
    {
        using var scratch = new ScratchDirectory();
        await cli.Service.JsonAsync("/v1/clusters/default/example/backupnow");
        var file = scratch["a.db"];
        Assert.Equal(0, (await cli.RunAsync("get", "example", "-f", file)).Code);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        await RestoreAsync(file, scratch["restored"]);
        var before = await File.ReadAllBytesAsync(file);
        var again = await cli.RunAsync("get", "example", "-f", file);
        Assert.Equal(2, again.Code);
        Assert.Contains("exists, and is left as it is", again.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(file));
        Assert.Equal(["a.db"], Directory.GetFiles(scratch.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_broken_line_is_taken_up_where_it_broke()
    {
        using var scratch = new ScratchDirectory();
        await cli.Service.JsonAsync("/v1/clusters/default/example/backupnow");
        using var proxy = new FaultProxy(cli.Service.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        proxy.OnServerBytes = (_, total, _) => total > 2 * MiB ? throw new IOException("cut") : Task.CompletedTask;
        var ended = await CliService.RunAsync(proxy.Url, "get", "default/example", "-f", scratch["a.db"]);
        Assert.True(ended.Code == 0, ended.ToString());
        Assert.InRange(proxy.Connections, 3, 10);
        await RestoreAsync(scratch["a.db"], scratch["restored"]);
    }

    [Fact]
    public async Task A_silent_line_is_given_up_and_taken_up_again()
    {
        using var scratch = new ScratchDirectory();
        await cli.Service.JsonAsync("/v1/clusters/default/example/backupnow");
        using var proxy = new FaultProxy(cli.Service.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        proxy.OnServerBytes = (_, total, stop) =>
            total > 2 * MiB && proxy.Connections == 1 ? Task.Delay(Timeout.Infinite, stop) : Task.CompletedTask;
        var ended = await CliService.RunAsync(proxy.Url, "get", "default/example", "-f", scratch["a.db"], "--timeout", "10");
        Assert.True(ended.Code == 0 && ended.Error.Contains("SHA-256 is right", StringComparison.Ordinal), ended.ToString());

        proxy.OnServerBytes = (_, _, stop) => Task.Delay(Timeout.Infinite, stop);
        foreach (var command in new[] { "status", "list", "get", "retention" })
        {
            ended = await CliService.RunAsync(proxy.Url, command, "default/example", "--timeout", "1");
            Assert.True(ended.Code == 3 && ended.Error.Contains("nothing within 1 s", StringComparison.Ordinal), $"{command}: {ended}");
        }
    }

    [Theory]
    [InlineData(true, 1, "what arrived is damaged")]
    [InlineData(false, 3, "the line broke after")]
    public async Task What_is_damaged_or_ends_early_is_no_file(bool flips, int code, string told)
    {
        using var scratch = new ScratchDirectory();
        await cli.Service.JsonAsync("/v1/clusters/default/example/backupnow");
        using var proxy = new FaultProxy(cli.Service.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        proxy.OnServerBytes = (piece, total, _) =>
        {
            if (!flips && proxy.Connections > 1)
            {
                throw new IOException("gone");
            }

            if (total > MiB && piece.Length > 2000)
            {
                piece.Span[1000] ^= (byte)(flips ? 1 : 0);
                return flips ? Task.CompletedTask : throw new IOException("cut");
            }

            return Task.CompletedTask;
        };
        var ended = await CliService.RunAsync(proxy.Url, "get", "default/example", "-f", scratch["a.db"]);
        Assert.True(ended.Code == code && ended.Error.Contains(told, StringComparison.Ordinal), ended.ToString());
        Assert.Empty(Directory.GetFiles(scratch.Path));
    }

    private static Task<string> RestoreAsync(string file, string directory) => ChildProcess.RunAsync(
        Workspace.EtcdTool("forky", "etcdutl"), "snapshot", "restore", file, "--data-dir", directory);
}
