using EtcdBackup.Testing;

namespace EtcdBackup.Cli.Tests;

public class TerminalTests(CliService cli) : IClassFixture<CliService>
{
    // A terminal of its own (script, of util-linux), in which somebody types.
    [Theory]
    [InlineData("no", "nothing was deleted", 1)]
    [InlineData("yes", "deleted: ", 0)]
    public async Task A_deletion_asks_at_a_terminal(string typed, string told, int left)
    {
        await cli.Etcd.CtlAsync("put", "more", Guid.NewGuid().ToString());
        var name = (await cli.Service.JsonAsync("/v1/clusters/default/example/backupnow")).GetProperty("name").GetString()!;
        using var scratch = new ScratchDirectory();
        var ended = await cli.BashAsync(
            $"{{ sleep 3; echo {typed}; sleep 3; }} | script -qefc 'etcdbackup delete example --backup {name} --force' /dev/null",
            scratch.Path);
        Assert.Contains($"Delete {name}? It cannot be brought back.", ended.Out, StringComparison.Ordinal);
        Assert.Contains(told, ended.Out, StringComparison.Ordinal);
        Assert.Equal(left, (await cli.RunAsync("list", "example", "-o", "name")).Out.Split('\n').Count(n => n == name));
    }

    [Fact]
    public async Task A_terminal_sees_progress_and_color_and_a_pipe_does_not()
    {
        using var scratch = new ScratchDirectory();
        await cli.Service.JsonAsync("/v1/clusters/default/example/backupnow");
        const string Get = "TERM=xterm-256color script -qefc 'etcdbackup get example -f a.db' /dev/null";
        Assert.Contains("━", (await cli.BashAsync(Get, scratch.Path)).Out, StringComparison.Ordinal);
        Assert.True(File.Exists(scratch["a.db"]));
        const string List = "TERM=xterm-256color script -qefc 'etcdbackup clusters' /dev/null";
        Assert.Contains('\e', (await cli.BashAsync(List, scratch.Path)).Out);
        Assert.DoesNotContain('\e', (await cli.BashAsync("etcdbackup clusters", scratch.Path)).Out);
    }
}
