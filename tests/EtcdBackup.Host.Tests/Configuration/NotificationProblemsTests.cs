using EtcdBackup.Host.Configuration;
using EtcdBackup.Host.Notifying.Sending;
using EtcdBackup.Host.Notifying.Watching;
using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Configuration;

public sealed class NotificationProblemsTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_can_be_used_has_none_and_becomes_options()
    {
        var settings = Read(
            "--Notifications:Webhooks:0:Url=http://receiver/hook", "--Notifications:Webhooks:0:Clusters:0=team-a/*",
            "--Notifications:Webhooks:0:Events:0=stale", "--Notifications:Webhooks:1:Format=PagerDuty",
            $"--Notifications:Webhooks:1:SecretFile={FileOf("key")}", "--Notifications:Webhooks:2:Format=Slack",
            $"--Notifications:Webhooks:2:UrlFile={FileOf("https://hooks.slack.test/T0\n")}",
            "--Notifications:Webhooks:3:Url=http://receiver/hook", "--Notifications:Heartbeats:0:Url=https://ping/uuid",
            "--Notifications:Heartbeats:0:FailSuffix=/fail", "--Notifications:AfterFailures=5");
        var options = settings.Notifications.ToOptions("here");
        Assert.True(options.IsUsed);
        Assert.Equal((5, 3, TimeSpan.FromDays(1)),
            (options.Rules.AfterFailures, options.Rules.StaleAfterIntervals, options.Rules.RepeatEvery));
        Assert.Equal([EventKind.Stale], options.Webhooks[0].Events);
        Assert.Equal("https://events.pagerduty.com/v2/enqueue", options.Webhooks[1].Url.ReadUrl().ToString());
        Assert.Equal("https://hooks.slack.test/T0", options.Webhooks[2].Url.ReadUrl().ToString());

        // What waits for a target after a restart finds it by this: it has to be its own, whatever stands before it in the list.
        Assert.Equal(4, options.Webhooks.Select(w => w.Id).Distinct().Count());
        Assert.DoesNotContain("receiver", options.Webhooks[0].Id, StringComparison.Ordinal);
        var others = Read("--Notifications:Webhooks:0:Format=PagerDuty", $"--Notifications:Webhooks:0:SecretFile={FileOf("key")}",
            "--Notifications:Webhooks:1:Url=http://receiver/hook").Notifications.ToOptions("here");
        Assert.Equal(options.Webhooks[0].Id, others.Webhooks[1].Id);
        Assert.False(Read().Notifications.ToOptions("here").IsUsed);
    }

    [Theory]
    [InlineData("Webhooks:0 needs either Url or UrlFile", "Format=Generic")]
    [InlineData("Webhooks:0 needs either Url or UrlFile", "Url=http://x", "UrlFile=/x")]
    [InlineData("Webhooks:0:Url is no URL that could be used", "Url=ftp://x/secret")]
    [InlineData("Webhooks:0:Url is no URL that could be used", "Url=https://me:secret@x")]
    [InlineData("Webhooks:0:UrlFile is '/no/such/file': there is no such file", "UrlFile=/no/such/file")]
    [InlineData("Webhooks:0:Url is set, and who knows the URL of a Slack webhook", "Url=https://hooks/secret", "Format=Slack")]
    [InlineData("Webhooks:0:SecretFile is empty: name a file with the routing key", "Format=PagerDuty")]
    [InlineData("Webhooks:0:SecretFile is set, and nothing is signed for Alertmanager", "Format=Alertmanager", "Url=http://x",
        "SecretFile=/no/such/file")]
    [InlineData("Webhooks:0:TokenFile is set, and PagerDuty asks for no token", "Format=PagerDuty", "TokenFile=/no/such/file")]
    [InlineData("Webhooks:0:CaFile is '/no/such/file'", "Url=http://x", "CaFile=/no/such/file")]
    [InlineData("Webhooks:0:Clusters has 'team-a': write NAMESPACE/NAME", "Url=http://x", "Clusters:0=team-a")]
    [InlineData("Webhooks:0:Events is Recovered alone", "Url=http://x", "Events:0=Recovered")]
    [InlineData("Webhooks:0:Events:0 is 'Broken': one of Failed, Stale", "Url=http://x", "Events:0=Broken")]
    [InlineData("Webhooks:0:Format is 'Email': one of Generic, Slack, Alertmanager, PagerDuty belongs here", "Format=Email")]
    public void What_cannot_be_used_is_refused_without_a_word_of_the_URL(string expected, params string[] settings)
    {
        var problem = ProblemOf([.. settings.Select(s => $"--Notifications:Webhooks:0:{s}")]);
        Assert.Contains($"Notifications:{expected}", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Heartbeats:0 needs either Url or UrlFile", "EveryInSecond=5")]
    [InlineData("Heartbeats:0:EveryInSecond is 0: allowed are 1 to 86400", "Url=http://x", "EveryInSecond=0")]
    [InlineData("Heartbeats:0:FailSuffix is 'fail'", "Url=http://x", "FailSuffix=fail")]
    [InlineData("Heartbeats:0:FailSuffix is '/a?b'", "Url=http://x", "FailSuffix=/a?b")]
    [InlineData("Heartbeats:0:Clusters has 'A/b'", "Url=http://x", "Clusters:0=A/b")]
    public void So_is_a_heartbeat(string expected, params string[] settings) => Assert.Contains($"Notifications:{expected}",
        ProblemOf([.. settings.Select(s => $"--Notifications:Heartbeats:0:{s}")]), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("not a url")]
    [InlineData("https://a https://b")]
    public void A_file_without_a_URL_is_refused_and_not_repeated(string content) =>
        Assert.EndsWith("and nothing else", ProblemOf($"--Notifications:Webhooks:0:UrlFile={FileOf(content)}"), StringComparison.Ordinal);

    [Fact]
    public void What_a_file_holds_later_is_told_without_it()
    {
        var secret = new SecretText("Setting", "", FileOf("not a url"));
        var told = Assert.Throws<IOException>(secret.ReadUrl);
        Assert.Equal($"Setting '{secret.File}' holds no URL: write https://HOST/… and nothing else into it", told.Message);
        Assert.Contains("it is empty", Assert.Throws<IOException>(new SecretText("Setting", "", FileOf(" \n")).Read).Message,
            StringComparison.Ordinal);
        var large = new SecretText("Setting", "", FileOf(new string('x', 70_000)));
        Assert.Contains("more than 65536 bytes", Assert.Throws<IOException>(large.Read).Message, StringComparison.Ordinal);
    }

    private static Settings Read(params string[] arguments) => SettingsReader.Read(new StartOptions(null, arguments)).Settings;

    private static string ProblemOf(params string[] arguments) =>
        Assert.Throws<SettingsException>(() => Read(arguments)).Message;

    private string FileOf(string content)
    {
        var file = _directory[Guid.NewGuid().ToString("N")];
        File.WriteAllText(file, content);
        return file;
    }
}
