using System.Text.Json;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Host.Access;
using EtcdBackup.Host.Notifying;
using EtcdBackup.Host.Notifying.Sending;
using EtcdBackup.Host.Notifying.Watching;
using Microsoft.Extensions.Time.Testing;

namespace EtcdBackup.Host.Tests.Notifying;

/// <summary>A notifier and clusters that are as the test says. Its clock stands until it is moved.</summary>
internal sealed class NotifierFixture : IClusterSource, IAsyncDisposable
{
    private Notifier? _notifier;

    public FakeTimeProvider Time { get; } = new(Facts.Begin);

    public LineLog Log { get; } = new();

    /// <summary>The clusters; null: it does not answer.</summary>
    public Dictionary<string, ClusterSummary?> Clusters { get; } = [];

    /// <summary>What each was asked for.</summary>
    public List<(string Cluster, bool WithStatus)> Asked { get; } = [];

    /// <summary>No cluster answers before this ends.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public bool IsListed { get; set; } = true;

    public NotifierState State { get; private set; } = new();

    public Notifier Notifier => _notifier!;

    public List<WebhookOptions> Webhooks { get; } = [];

    public List<HeartbeatOptions> Heartbeats { get; } = [];

    public void Webhook(string url, params EventKind[] events) => Webhooks.Add(new WebhookOptions
    {
        Setting = $"Notifications:Webhooks:{Webhooks.Count}",
        Url = new SecretText("url", url, ""),
        Format = WebhookFormat.Generic,
        Secret = new SecretText("s", "", ""),
        Token = new SecretText("t", "", ""),
        Ca = new SecretText("c", "", ""),
        Clusters = [ClusterPattern.All],
        Events = events,
        Id = url,
    });

    public void Heartbeat(string url, string clusters, string failSuffix = "")
    {
        Assert.True(ClusterPattern.TryParse(clusters, out var pattern));
        Heartbeats.Add(new HeartbeatOptions($"Notifications:Heartbeats:{Heartbeats.Count}", new SecretText("url", url, ""),
            new SecretText("c", "", ""), [pattern], TimeSpan.FromMinutes(1), failSuffix));
    }

    /// <summary>A cluster whose last success was so long ago.</summary>
    public void Set(string cluster, int? minutesAgo, int failures = 0) => Clusters[cluster] = new ClusterSummary
    {
        Key = ClusterKey.Parse(cluster),
        Registered = true,
        Silo = "",
        Spec = new ClusterSpec
        {
            Key = ClusterKey.Parse(cluster),
            Endpoints = [],
            Backup = new BackupSpec { BackupIntervalInSecond = (int)Facts.Interval.TotalSeconds },
        },
        LastSuccess = minutesAgo is { } ago ? Time.GetUtcNow().AddMinutes(-ago) : null,
        FailuresInRow = failures,
        LastOutcome = failures == 0 ? null : new RunOutcome(Time.GetUtcNow(), 1, RunResult.EtcdFailed, "why", null),
    };

    /// <summary>Starts it, or starts it again with what was saved.</summary>
    public async Task StartAsync()
    {
        await StopAsync();
        State = JsonSerializer.Deserialize<NotifierState>(JsonSerializer.Serialize(State))!;
        _notifier = new Notifier(State, new NotifyingOptions
        {
            Installation = "here",
            Rules = Facts.Rules,
            LookEvery = TimeSpan.FromMinutes(1),
            Webhooks = [.. Webhooks],
            Heartbeats = [.. Heartbeats],
            Limits = WorkerFixture.Limits,
        }, this, Time, Log);
        _notifier.Start();
    }

    /// <summary>Moves the clock and lets it look, as its grain does.</summary>
    public void After(int minutes, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            Time.Advance(TimeSpan.FromMinutes(minutes));
            Notifier.Tick();
            Notifier.WriteTo(State);
            Notifier.Tell(Notifier.Fresh);
        }
    }

    public Task<IReadOnlyList<ClusterKey>> ListAsync() => IsListed
        ? Task.FromResult<IReadOnlyList<ClusterKey>>([.. Clusters.Keys.Select(ClusterKey.Parse)])
        : throw new TimeoutException("the directory is moving");

    public async Task<(ClusterSummary Summary, ClusterStatus? Status)> AskAsync(ClusterKey cluster, bool withStatus)
    {
        Asked.Add((cluster.ToString(), withStatus));
        await Gate;
        return Clusters.GetValueOrDefault(cluster.ToString()) is { } summary ? (summary, withStatus ? Empty(summary) : null)
            : throw new TimeoutException("its silo died");
    }

    private ClusterStatus Empty(ClusterSummary summary) =>
        new(summary, [], new StoredSummary(0, 0, null, [], Time.GetUtcNow()), null);

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task StopAsync()
    {
        if (_notifier is not null)
        {
            await _notifier.StopAsync();
            _notifier.Dispose();
        }
    }
}
