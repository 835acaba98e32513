using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Clusters;
using EtcdBackup.Host.Notifying.Formats;
using EtcdBackup.Host.Notifying.Sending;
using EtcdBackup.Host.Notifying.Watching;
using EtcdBackup.Testing;
using Microsoft.Extensions.Time.Testing;

namespace EtcdBackup.Host.Tests.Notifying;

/// <summary>What each kind of receiver is sent: the examples of docs/operations.md, letter by letter.</summary>
public class BodyTests
{
    private static readonly FakeTimeProvider Time = new(new DateTimeOffset(2026, 11, 30, 9, 40, 12, TimeSpan.Zero));

    private static readonly OpenProblem Problem = new()
    {
        Id = "team-a/main/failed/20261130T090000.000Z",
        Kind = EventKind.Failed,
        Subject = "",
        Since = new DateTimeOffset(2026, 11, 30, 9, 30, 0, TimeSpan.Zero),
        Message = "The backup of team-a/main failed 3 times in a row; the last success was at 2026-11-30T09:00:00Z. The last failure " +
            "(EtcdFailed): 10.0.0.1:2379 does not answer",
        ToldAt = Time.GetUtcNow(),
    };

    private static readonly Notification Failed = new()
    {
        Id = Problem.Id + "/1",
        Event = EventKind.Failed,
        Problem = Problem,
        Cluster = ClusterKey.Parse("team-a/main"),
        At = Time.GetUtcNow(),
        Message = Problem.Message,
        LastSuccess = new DateTimeOffset(2026, 11, 30, 9, 0, 0, TimeSpan.Zero),
        FailuresInRow = 3,
    };

    private static readonly Notification Recovered = Failed with
    {
        Id = Problem.Id + "/over",
        Event = EventKind.Recovered,
        At = Time.GetUtcNow().AddMinutes(20),
        Message = "Over: " + Problem.Message,
        FailuresInRow = 0,
    };

    private static readonly FormatContext Context = new("etcdbackup", "R0UT1NGK3Y", 0);

    private static AlertmanagerBody Alertmanager => new(TimeSpan.FromMinutes(1), Time);

    [Theory]
    [InlineData("generic")]
    [InlineData("slack")]
    [InlineData("alertmanager")]
    [InlineData("pagerduty")]
    public void The_documentation_shows_what_is_sent(string format)
    {
        var body = Of(format).Write(Failed, Context);
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(Documented(format)), JsonNode.Parse(body)), System.Text.Encoding.UTF8.GetString(body!));
    }

    [Fact]
    public void Alertmanager_gets_the_end_when_there_is_one_and_else_one_that_lies_ahead()
    {
        var fires = Only(Alertmanager.Write(Failed, Context));
        Assert.Equal(
            (Problem.Since, Time.GetUtcNow().AddMinutes(4)),
            (fires.GetProperty("startsAt").GetDateTimeOffset(), fires.GetProperty("endsAt").GetDateTimeOffset()));
        var over = Only(Alertmanager.Write(Recovered, Context));
        Assert.Equal(Recovered.At, over.GetProperty("endsAt").GetDateTimeOffset());
        Assert.Equal(fires.GetProperty("labels").ToString(), over.GetProperty("labels").ToString());
        Assert.Equal(fires.GetProperty("labels").ToString(),
            Only(Alertmanager.Write([new OpenAlert(Failed.Cluster, Problem)], Context)).GetProperty("labels").ToString());

        // It repeats by itself.
        Assert.Null(Alertmanager.Write(Failed with { Problem = Problem with { Times = 2 } }, Context));

        // A clock that is late must not make an alert that ends before it starts.
        over = Only(Alertmanager.Write(Recovered with { At = Problem.Since.AddMinutes(-1) }, Context));
        Assert.Equal(over.GetProperty("endsAt").GetDateTimeOffset(), over.GetProperty("startsAt").GetDateTimeOffset());
        Assert.Equal("http://am/x/api/v2/alerts", Alertmanager.PlaceOf(new Uri("http://am/x/")).ToString());
    }

    [Fact]
    public void PagerDuty_resolves_the_incident_that_it_was_triggered_for()
    {
        var trigger = JsonDocument.Parse(new PagerDutyBody().Write(Failed, Context)).RootElement;
        var resolve = JsonDocument.Parse(new PagerDutyBody().Write(Recovered, Context)).RootElement;
        Assert.Equal("trigger", trigger.GetProperty("event_action").GetString());
        Assert.Equal("resolve", resolve.GetProperty("event_action").GetString());
        Assert.Equal(trigger.GetProperty("dedup_key").GetString(), resolve.GetProperty("dedup_key").GetString());
        Assert.Equal("R0UT1NGK3Y", resolve.GetProperty("routing_key").GetString());

        var longOne = JsonDocument.Parse(new PagerDutyBody().Write(Failed with { Message = new string('x', 3000) }, Context)).RootElement;
        Assert.Equal(1024, longOne.GetProperty("payload").GetProperty("summary").GetString()!.Length);
    }

    [Fact]
    public void Slack_is_told_nothing_that_it_would_take_for_a_command_and_how_much_was_lost()
    {
        var text = Text(Failed with { Message = "<!channel> & <https://x|y>" }, 0);
        Assert.Equal(":rotating_light: *team-a/main* failed: &lt;!channel&gt; &amp; &lt;https://x|y&gt;", text);
        Assert.Equal(":white_check_mark: *team-a/main* recovered (failed): x\n_7 earlier messages were lost_",
            Text(Recovered with { Message = "x" }, 7));

        static string Text(Notification notification, int dropped) => JsonDocument
            .Parse(new SlackBody().Write(notification, Context with { Dropped = dropped })).RootElement.GetProperty("text").GetString()!;
    }

    [Fact]
    public void A_secret_is_in_no_message_by_accident() =>
        Assert.Equal("urn:etcdbackup:etcdbackup setting", $"{Context} {new SecretText("setting", "R0UT1NGK3Y", "")}");

    private static IWebhookBody Of(string format) => format switch
    {
        "generic" => new GenericBody(),
        "slack" => new SlackBody(),
        "pagerduty" => new PagerDutyBody(),
        _ => Alertmanager,
    };

    private static JsonElement Only(byte[]? body) => Assert.Single(JsonDocument.Parse(body).RootElement.EnumerateArray());

    // The first block of JSON behind the format's name.
    private static string Documented(string format)
    {
        var text = File.ReadAllText(Path.Combine(Workspace.Root, "docs/operations.md"));
        var at = text.IndexOf($"### `{format}`", StringComparison.OrdinalIgnoreCase);
        Assert.True(at >= 0, $"docs/operations.md has no section about {format}");
        var begin = text.IndexOf("```json", at, StringComparison.Ordinal) + "```json".Length;
        return text[begin..text.IndexOf("```", begin, StringComparison.Ordinal)];
    }
}
