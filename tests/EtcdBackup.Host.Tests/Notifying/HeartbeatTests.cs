using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Notifying;

/// <summary>
/// A heartbeat is sent while all is well that it stands for, and only then. Another, of which all is well, tells the time.
/// </summary>
public sealed class HeartbeatTests : IAsyncDisposable
{
    private readonly NotifierFixture _fixture = new();

    // However long a test takes, these had a success just now.
    private readonly List<string> _well = ["other/a"];

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task It_stops_with_the_first_cluster_that_is_stale_and_goes_on_when_none_is()
    {
        await using var receiver = await StartAsync("team-a/*", "");
        _well.Add("team-a/a");
        await BeatAsync(receiver, "/watch");
        await receiver.UntilAsync(r => r.Any(w => w is { Method: "GET", Path: "/beat?x=1" }), "it is sent");
        _fixture.Set("team-a/b", minutesAgo: 91);
        await BeatAsync(receiver, "/watch");
        var before = Count(receiver, "/beat?x=1");
        await BeatAsync(receiver, "/watch", times: 8);

        // One may have been on its way.
        Assert.InRange(Count(receiver, "/beat?x=1"), before, before + 1);
        Assert.Contains(_fixture.Log.Lines, l => l.Contains("Heartbeats:0 does not say any more that all is well: team-a/b had no backup"));
        _well.Add("team-a/b");
        await BeatAsync(receiver, "/watch", times: 2);
        await receiver.UntilAsync(r => r.Count(w => w.Path == "/beat?x=1") > before + 1, "it is sent again");
    }

    [Fact]
    public async Task It_calls_the_other_URL_meanwhile_if_there_is_one()
    {
        await using var receiver = await StartAsync("team-a/*", "/fail");
        _fixture.Set("team-a/a", minutesAgo: 91);
        await BeatAsync(receiver, "/watch", times: 2);
        await receiver.UntilAsync(r => r.Any(w => w.Path == "/beat/fail?x=1"), "the failure is told");
        Assert.Equal(0, Count(receiver, "/beat?x=1"));
    }

    [Fact]
    public async Task What_is_not_known_is_not_well()
    {
        // No cluster at all, one that never answered, and a list that cannot be read any more.
        await using var receiver = await StartAsync("team-a/*", "");
        await BeatAsync(receiver, "/watch", times: 5);
        Assert.Contains(_fixture.Log.Lines, l => l.Contains("no cluster is registered that it stands for"));
        _fixture.Clusters["team-a/a"] = null;
        await BeatAsync(receiver, "/watch", times: 5);
        Assert.Equal(0, Count(receiver, "/beat?x=1"));
        _well.Add("team-a/a");
        await BeatAsync(receiver, "/watch", times: 2);
        await receiver.UntilAsync(r => r.Any(w => w.Path == "/beat?x=1"), "it is sent");

        _fixture.IsListed = false;
        _fixture.After(minutes: 1, times: 10);
        Assert.Contains(_fixture.Log.Lines, l => l.Contains("the list of clusters cannot be read"));
    }

    [Fact]
    public async Task A_cluster_that_was_registered_a_moment_ago_is_no_failure()
    {
        await using var receiver = await StartAsync("team-a/*", "/fail");
        _well.Add("team-a/a");
        await BeatAsync(receiver, "/watch", times: 3);
        var gate = new TaskCompletionSource();
        _fixture.Gate = gate.Task;
        _fixture.Set("team-a/b", minutesAgo: null);
        _fixture.After(minutes: 1);
        gate.SetResult();
        await BeatAsync(receiver, "/watch", times: 3);
        Assert.Equal(0, Count(receiver, "/beat/fail?x=1"));
        Assert.DoesNotContain(_fixture.Log.Lines, l => l.Contains("does not say any more"));
    }

    [Fact]
    public async Task A_receiver_that_hangs_or_fails_keeps_no_other_from_its_beat()
    {
        await using var receiver = await StartAsync("team-a/*", "");
        receiver.Answer = async (context, _) =>
        {
            if (context.Request.Path == "/beat")
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
        };
        _well.Add("team-a/a");
        await BeatAsync(receiver, "/watch", times: 5);
        await receiver.UntilAsync(r => r.Any(w => w.Path == "/beat?x=1"), "it was tried");
    }

    private async Task<WebhookReceiver> StartAsync(string clusters, string failSuffix)
    {
        var receiver = await WebhookReceiver.StartAsync();
        _fixture.Heartbeat(receiver.Url + "/beat?x=1", clusters, failSuffix);
        _fixture.Heartbeat(receiver.Url + "/watch", "other/*");
        await _fixture.StartAsync();
        return receiver;
    }

    private static int Count(WebhookReceiver receiver, string path) => receiver.Received.Count(r => r.Path == path);

    // Lets time pass until the other heartbeat came so many times.
    private async Task BeatAsync(WebhookReceiver receiver, string path, int times = 1)
    {
        var wanted = Count(receiver, path) + times;
        await Workspace.UntilAsync(() =>
        {
            _well.ForEach(c => _fixture.Set(c, minutesAgo: 0));
            _fixture.After(minutes: 1);
            return Task.FromResult(Count(receiver, path) >= wanted);
        }, "the other heartbeat comes");
    }
}
