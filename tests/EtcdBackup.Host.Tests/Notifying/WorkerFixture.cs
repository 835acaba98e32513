using EtcdBackup.Host.Access;
using EtcdBackup.Host.Notifying;
using EtcdBackup.Host.Notifying.Formats;
using EtcdBackup.Host.Notifying.Sending;
using EtcdBackup.Host.Notifying.Watching;
using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Notifying;

/// <summary>A worker and what its target is told.</summary>
internal sealed class WorkerFixture : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private TargetWorker? _worker;

    public TargetQueue Queue { get; } = new(3);

    public LineLog Log { get; } = new();

    /// <summary>The problems that are open.</summary>
    public List<OpenAlert> Open { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _worker?.Dispose();
        Queue.Dispose();
        _stop.Dispose();
    }

    /// <summary>Tests have no time for long pauses.</summary>
    public static DeliveryLimits Limits => new()
    {
        FirstPause = TimeSpan.FromMilliseconds(20),
        LongestPause = TimeSpan.FromMilliseconds(100),
    };

    public static Notification Now(string id) => Told.Of(id, DateTimeOffset.UtcNow);

    public void Run(string url, string urlFile = "", string secretFile = "", string tokenFile = "", DeliveryLimits? limits = null,
        WebhookFormat format = WebhookFormat.Generic)
    {
        var options = new WebhookOptions
        {
            Setting = "Notifications:Webhooks:0",
            Url = new SecretText("Notifications:Webhooks:0:UrlFile", url, urlFile),
            Format = format,
            Secret = new SecretText("s", "", secretFile),
            Token = new SecretText("t", "", tokenFile),
            Ca = new SecretText("c", "", ""),
            Clusters = [ClusterPattern.All],
            Events = [],
            Id = "x",
        };
        var notifying = new NotifyingOptions
        {
            Installation = "here",
            Rules = Facts.Rules,
            LookEvery = TimeSpan.FromMinutes(1),
            Webhooks = [options],
            Heartbeats = [],
            Limits = limits ?? Limits,
        };
        _worker = new TargetWorker(options, notifying, Queue, () => Open, TimeProvider.System, Log);
        _running = _worker.RunAsync(_stop.Token);
    }

    public void Add(params string[] ids) => Array.ForEach(ids, i => Queue.Add(Now(i)));

    public Task DoneAsync() => Workspace.UntilAsync(() => Task.FromResult(Queue.Peek() is null), "nothing waits any more");
}
