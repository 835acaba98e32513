using EtcdBackup.Host.Notifying.Watching;
using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Notifying;

/// <summary>The notifier with clusters that are as a test says, and real receivers.</summary>
public sealed class NotifierTests : IAsyncDisposable
{
    private readonly NotifierFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_cluster_of_which_nothing_is_heard_becomes_stale_even_if_it_does_not_answer()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        _fixture.Webhook(receiver.Url);
        _fixture.Set("default/a", minutesAgo: 0);
        await _fixture.StartAsync();
        _fixture.After(minutes: 1);
        _fixture.Clusters["default/a"] = null;
        _fixture.After(minutes: 1, times: 89);
        Assert.Empty(_fixture.State.Open);
        _fixture.After(minutes: 1);
        Assert.Equal("stale", (await receiver.UntilAsync(1))[0].Type);
        Assert.Single(_fixture.Log.Lines, l => l.Contains("cannot ask default/a now"));
    }

    [Fact]
    public async Task One_that_never_had_a_backup_becomes_stale_also_over_restarts()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        _fixture.Webhook(receiver.Url);
        _fixture.Set("default/a", minutesAgo: null);
        _fixture.Clusters["default/a"] = _fixture.Clusters["default/a"]! with { NextDue = Facts.Begin.AddMinutes(5) };
        for (var i = 0; i < 5; i++)
        {
            await _fixture.StartAsync();
            _fixture.After(minutes: 1, times: 19);
            Assert.Empty(_fixture.State.Open);
        }

        await _fixture.StartAsync();
        _fixture.After(minutes: 1);
        var stale = (await receiver.UntilAsync(1))[0];
        Assert.Equal("default/a/stale/20261130T120500.000Z/1", stale.Id);
        _fixture.Set("default/a", minutesAgo: 0);
        _fixture.After(minutes: 1);
        await receiver.UntilAsync(2);
        Assert.Empty(_fixture.State.FirstDue);
    }

    [Fact]
    public async Task What_was_not_accepted_is_told_after_a_restart_and_what_was_is_not()
    {
        await using var accepts = await WebhookReceiver.StartAsync();
        await using var refuses = await WebhookReceiver.StartAsync();
        refuses.Answering(503);
        _fixture.Webhook(accepts.Url);
        _fixture.Webhook(refuses.Url);
        _fixture.Set("default/a", minutesAgo: 10, failures: 3);
        await _fixture.StartAsync();
        _fixture.After(minutes: 1);
        await accepts.UntilAsync(1);
        await refuses.UntilAsync(1);
        await Workspace.UntilAsync(() =>
        {
            _fixture.Notifier.WriteTo(_fixture.State);
            return Task.FromResult(_fixture.State.Unsent[accepts.Url].Count == 0);
        }, "the accepted one is saved as sent");
        Assert.Single(_fixture.State.Unsent[refuses.Url]);

        await _fixture.StartAsync();
        refuses.Answering(200);
        var before = refuses.Received.Count;
        await refuses.UntilAsync(before + 1);
        _fixture.After(minutes: 1);
        Assert.Single(accepts.Received);
        Assert.Single(refuses.Received.Select(r => r.Id).Distinct());
    }

    [Fact]
    public async Task A_target_that_is_configured_no_more_is_forgotten()
    {
        _fixture.Webhook("http://127.0.0.1:9");
        _fixture.Set("default/a", minutesAgo: 10, failures: 3);
        await _fixture.StartAsync();
        _fixture.After(minutes: 1);
        Assert.Single(_fixture.State.Open);
        _fixture.Webhooks.Clear();
        await _fixture.StartAsync();
        _fixture.After(minutes: 1);
        Assert.Empty(_fixture.State.Unsent);
        Assert.Single(_fixture.State.Open);
    }

    [Fact]
    public async Task A_cluster_that_was_removed_ends_its_problems_and_a_list_that_cannot_be_read_ends_none()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        _fixture.Webhook(receiver.Url);
        _fixture.Set("default/a", minutesAgo: 10, failures: 3);
        await _fixture.StartAsync();
        _fixture.After(minutes: 1);
        _fixture.Clusters.Clear();
        _fixture.IsListed = false;
        await _fixture.StartAsync();
        _fixture.After(minutes: 1, times: 30);
        Assert.Single(_fixture.State.Open);
        _fixture.IsListed = true;
        _fixture.After(minutes: 1, times: 16);
        Assert.Empty(_fixture.State.Open);
        await receiver.UntilAsync(r => r.Any(w => w.Type == "recovered"), "its end is told");
    }

    // In one turn after the other, as in its grain.
    [Fact]
    public Task Of_ten_thousand_clusters_few_are_asked_at_once_and_for_their_stores_only_at_first_or_if_they_told_something() =>
        Task.Factory.StartNew(
            AskTenThousandAsync, CancellationToken.None, TaskCreationOptions.None,
            new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    [Fact]
    public async Task Events_choose_what_a_target_gets()
    {
        await using var failures = await WebhookReceiver.StartAsync();
        await using var all = await WebhookReceiver.StartAsync();
        _fixture.Webhook(failures.Url, EventKind.Failed);
        _fixture.Webhook(all.Url);
        _fixture.Set("default/a", minutesAgo: 100, failures: 3);
        await _fixture.StartAsync();
        _fixture.After(minutes: 1);
        _fixture.Set("default/a", minutesAgo: 0);
        _fixture.After(minutes: 1);
        await all.UntilAsync(4);
        Assert.Equal(["failed", "recovered", "recovered", "stale"], all.Received.Select(r => r.Type).Order());
        Assert.Equal("failed", Assert.Single(failures.Received).Type);
    }

    private async Task AskTenThousandAsync()
    {
        _fixture.Webhook("http://127.0.0.1:9");
        for (var i = 0; i < 10_000; i++)
        {
            _fixture.Set($"default/c{i}", minutesAgo: 1);
        }

        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Gate = gate.Task;
        await _fixture.StartAsync();
        _fixture.Notifier.Tick();
        _fixture.Notifier.Tick();
        Assert.Equal(64, _fixture.Asked.Count);
        gate.SetResult();
        await AskedAsync(10_000);
        Assert.All(_fixture.Asked, a => Assert.True(a.WithStatus));

        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        _fixture.Notifier.Note(EtcdBackup.Clusters.ClusterKey.Parse("default/c0"));
        await AskedAsync(20_000);
        Assert.Equal("default/c0", Assert.Single(_fixture.Asked.Skip(10_000), a => a.WithStatus).Cluster);
        Assert.Equal(0, _fixture.Notifier.Fresh);
        Assert.Empty(_fixture.State.FirstDue);
    }

    private Task AskedAsync(int count) => Workspace.UntilAsync(async () =>
    {
        _fixture.Notifier.Tick();
        await Task.Yield();
        return _fixture.Asked.Count >= count;
    }, $"{count} questions");
}
