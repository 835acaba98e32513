using System.Text;
using System.Text.Json;
using EtcdBackup.Testing;

namespace EtcdBackup.Cli.Tests;

public class CommandTests(CliService cli) : IClassFixture<CliService>
{
    [Fact]
    public async Task A_result_is_a_table_the_service_s_JSON_or_names()
    {
        await cli.Service.JsonAsync("/v1/clusters/default/example/backupnow");
        var table = await cli.RunAsync("clusters");
        Assert.Equal(["NAMESPACE", "prod", "default"], Lines(table).Select(l => l.Split(' ')[0]));
        Assert.DoesNotContain('\e', table.Out);
        Assert.DoesNotContain(" \n", table.Out, StringComparison.Ordinal);
        var json = await cli.RunAsync("status", "example", "-o", "json");
        Assert.Equal(7, JsonDocument.Parse(json.Out).RootElement.GetProperty("recentBackup").GetProperty("revision").GetInt64());
        Assert.Contains("revision 7, etcd 3.5.30", (await cli.RunAsync("status", "example")).Out, StringComparison.Ordinal);
        Assert.Equal(["default/example", "prod/dead"], Lines(await cli.RunAsync("clusters", "-o", "name")).Order());
        var name = Assert.Single(Lines(await cli.RunAsync("list", "example", "-o", "name")));
        Assert.StartsWith($"unchanged since: {name}, revision 7, ", (await cli.RunAsync("now", "example")).Out, StringComparison.Ordinal);
        Assert.Equal($"sound: {name}\n", (await cli.RunAsync("verify", "example", "-b", name)).Out);
    }

    [Fact]
    public async Task What_goes_wrong_is_a_sentence_on_standard_error_and_an_exit_code()
    {
        await cli.Service.JsonAsync("/v1/clusters/default/example/backupnow");
        (string[] Arguments, int Code, string Error)[] table =
        [
            (["status"], 2, "which of"),
            (["nonsense"], 2, "'nonsense'"),
            (["list", "-o", "yaml"], 2, "yaml"),
            (["status", "--address", "nonsense"], 2, "'nonsense' is not an address"),
            (["status", "--ca-file", "/nowhere"], 2, "the CA file cannot be read"),
            (["status", "--token-file", "/nowhere"], 2, "the token file cannot be read"),
            (["status", "--context", "none"], 2, "has no context 'none'"),
            (["status", "--address", "http://127.0.0.1:1"], 3, "does not answer: Connection refused. Is this the service's address?"),
            (["status", "none"], 5, "there is no cluster 'none'"),
            (["status", "default/none"], 5, "none"),
            (["now", "prod/dead"], 1, "127.0.0.1:1 cannot be reached: Connection refused"),
            (["get", "prod/dead"], 5, "no backup"),
            (["get", "default/example", "--file", "/nowhere/x"], 2, "there is no such directory"),
            (["get", "default/example", "--file", "/tmp"], 2, "'/tmp' exists"),
            (["verify", "prod/dead"], 5, "there is no backup yet"),
            (["delete", "example", "-b", "3.5.30_000000000000000f_etcd.backup"], 2, "write --yes"),
        ];
        foreach (var (arguments, code, error) in table)
        {
            var ended = await cli.RunAsync(arguments);
            var isTold = ended.Error.Contains(error, StringComparison.Ordinal);
            Assert.True(ended.Code == code && isTold, $"{string.Join(' ', arguments)}: {ended}");
            Assert.True(ended.Out == "", ended.ToString());
            Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--max-age", "99999999999d")]
    [InlineData("--min-size", "NaN")]
    [InlineData("--min-size", "-3")]
    [InlineData("--min-count", "-1")]
    public async Task A_limit_that_makes_no_sense_is_unknown_to_a_monitoring_system(string option, string value)
    {
        var check = await cli.RunAsync("check", "default/example", $"{option}={value}");
        Assert.True(check.Code == 3 && check.Out.StartsWith("UNKNOWN - ", StringComparison.Ordinal), check.ToString());
    }

    [Theory]
    [InlineData("status example", 1)]
    [InlineData("check default/example", 3)]
    public async Task Where_nothing_can_be_written_that_is_told(string command, int code)
    {
        var ended = await cli.BashAsync($"etcdbackup {command} > /dev/full", Path.GetTempPath());
        Assert.True(ended.Code == code, ended.ToString());
        Assert.Contains("the result cannot be written: No space left on device", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("[1]")]
    [InlineData("{}")]
    public async Task Another_server_is_told_apart(string body)
    {
        using var other = new LoopbackListener(async (client, stop) =>
        {
            using (client)
            {
                _ = await client.GetStream().ReadAsync(new byte[4096], stop);
                var answer = $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}";
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer), stop);
            }
        });
        var ended = await CliService.RunAsync($"http://{other.EndPoint}", "clusters");
        Assert.True(ended.Code == 1 && ended.Error.Contains("no answer of the service", StringComparison.Ordinal), ended.ToString());
        var check = await CliService.RunAsync($"http://{other.EndPoint}", "check");
        Assert.True(check.Code == 3 && check.Out.StartsWith("UNKNOWN - that is no answer", StringComparison.Ordinal), check.ToString());
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
        var got = await CliService.RunAsync($"http://{other.EndPoint}", "get", "default/example", "-f", "-");
        Assert.True(got.Code == 1 && got.Out == "", got.ToString());
        Assert.Contains("no answer of the service", got.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bash_completes_commands_and_options()
    {
        using var scratch = new ScratchDirectory();
        foreach (var (line, word, expected) in new[]
        {
            ("etcdbackup cl", "cl", "clusters"), ("etcdbackup get --rev", "--rev", "--revision"),
        })
        {
            var ended = await cli.BashAsync(
                $"source <(etcdbackup completion bash); COMP_LINE='{line}' COMP_POINT={line.Length} COMP_WORDS=(etcdbackup {word}) " +
                    "COMP_CWORD=1; _etcdbackup; echo \"${COMPREPLY[@]}\"",
                scratch.Path);
            Assert.Equal(expected + "\n", ended.Out);
        }
    }

    private static string[] Lines(Ended ended) => ended.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
