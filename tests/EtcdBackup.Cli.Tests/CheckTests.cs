using System.Text.Json;
using EtcdBackup.Cli.Checking;
using EtcdBackup.Testing;
using Microsoft.AspNetCore.Http;

namespace EtcdBackup.Cli.Tests;

/// <summary>What a monitoring system is told of many clusters.</summary>
public class CheckTests(CliService cli) : IClassFixture<CliService>
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly Limits Limits = new(TimeSpan.FromHours(1), MinCount: 1, MinSize: 0);

    private static readonly JsonElement Well = JsonDocument.Parse(
        """{ "lastSuccess": "2026-11-26T11:30:00Z", "backups": 2, "recentBackup": { "size": 1 } }""").RootElement;

    private static readonly JsonElement Never = JsonDocument.Parse("""{ "backups": 0 }""").RootElement;

    private static readonly JsonElement Failing = JsonDocument.Parse(
        """{ "lastSuccess": "2026-11-26T11:40:00Z", "backups": 2, "recentBackup": { "size": 1 }, "failuresInRow": 2 }""").RootElement;

    [Fact]
    public void Where_all_are_well_one_line_says_so() => Assert.Equal(
        "OK - 2 of 2 clusters are well | age=1800s;;3600 bad=0 clusters=2", Told(State.Ok, Of("a/x", Well), Of("a/y", Well)));

    [Fact]
    public void One_that_is_not_well_is_in_the_first_line_and_not_twice() => Assert.Equal(
        "WARNING - 1 of 2 clusters is not well: a/y: 2 failures in a row | age=1800s;;3600 bad=1 clusters=2",
        Told(State.Warning, Of("a/x", Well), Of("a/y", Failing)));

    [Fact]
    public void The_worst_decides_and_each_that_is_not_well_has_a_line_the_worst_first() => Assert.Equal(
        """
        CRITICAL - 3 of 4 clusters are not well, the worst is a/never: no backup ever succeeded | age=U;;3600 bad=3 clusters=4
        CRITICAL a/never: no backup ever succeeded; 0 backups (at least 1)
        WARNING a/failing: 2 failures in a row
        UNKNOWN a/silent: its silo died
        """,
        Told(State.Critical, Silent("a/silent", "its silo died"), Of("a/failing", Failing), Of("a/never", Never), Of("a/x", Well)));

    [Fact]
    public void What_cannot_be_found_out_is_not_well() => Assert.Equal(
        "UNKNOWN - 1 of 2 clusters is not well: a/y: x / y | age=U;;3600 bad=1 clusters=2",
        Told(State.Unknown, Of("a/x", Well), Silent("a/y", "x |\ny")));

    [Fact]
    public void Without_clusters_nothing_is_known() => Assert.Equal(
        "UNKNOWN - there is no cluster that you may see | age=U;;3600 bad=0 clusters=0", Told(State.Unknown));

    [Fact]
    public async Task Without_a_name_all_clusters_of_the_service_are_checked()
    {
        Assert.Equal(0, (await cli.RunAsync("now", "default/example")).Code);
        var all = await cli.RunAsync("check");
        Assert.Equal(2, all.Code);
        Assert.StartsWith("CRITICAL - 1 of 2 clusters is not well: prod/dead: no backup ever succeeded", all.Out, StringComparison.Ordinal);
        Assert.Contains("clusters=2\n", all.Out, StringComparison.Ordinal);
        var one = await cli.RunAsync("check", "default/example");
        Assert.Equal((0, true), (one.Code, one.Out.StartsWith("OK - 1 of 1 clusters are well", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task One_that_cannot_be_asked_does_not_hide_the_others_and_one_that_was_just_removed_is_left_out()
    {
        await using var service = await WebhookReceiver.StartAsync();
        service.Answer = (context, _) =>
        {
            (context.Response.StatusCode, var body) = context.Request.Path.Value switch
            {
                "/v1/clusters" => (200, """
                    [{ "namespace": "a", "name": "x" }, { "namespace": "a", "name": "gone" }, { "namespace": "a", "name": "silent" }]
                    """),
                "/v1/clusters/a/x/status" => (200, Never.GetRawText()),
                "/v1/clusters/a/gone/status" => (404, """{ "detail": "there is no such cluster" }"""),
                _ => (504, """{ "detail": "its silo does not answer" }"""),
            };
            return context.Response.WriteAsync(body);
        };
        var ended = await CliService.RunAsync(service.Url, "check");
        Assert.Equal(2, ended.Code);
        var lines = ended.Out.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("CRITICAL - 2 of 2 clusters are not well, the worst is a/x: no backup", lines[0], StringComparison.Ordinal);
        Assert.Equal("UNKNOWN a/silent: its silo does not answer", lines[2]);

        var named = await CliService.RunAsync(service.Url, "check", "a/gone");
        Assert.Equal((3, true), (named.Code, named.Out.Contains("a/gone: there is no such cluster", StringComparison.Ordinal)));
    }

    private static string Told(State expected, params Finding[] findings)
    {
        var (state, lines) = CheckReport.Of(findings, Limits, Now);
        Assert.Equal(expected, state);
        return string.Join("\n", lines);
    }

    private static Finding Of(string cluster, JsonElement status) => new(cluster, status, "");

    private static Finding Silent(string cluster, string why) => new(cluster, null, why);
}
