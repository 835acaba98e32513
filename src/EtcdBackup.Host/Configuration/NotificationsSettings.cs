using EtcdBackup.Host.Notifying;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Configuration;

/// <summary>Who is told when something is wrong, and what counts as wrong.</summary>
internal sealed class NotificationsSettings
{
    /// <summary>So many failed runs in a row are told.</summary>
    public int AfterFailures { get; set; } = 3;

    /// <summary>So many intervals without a success are told.</summary>
    public int StaleAfterIntervals { get; set; } = 3;

    /// <summary>A problem that lasts is told again after these seconds; 0: never.</summary>
    public int RepeatEveryInSecond { get; set; } = 86_400;

    /// <summary>Seconds between two looks at each cluster.</summary>
    public int LookEveryInSecond { get; set; } = 60;

    /// <summary>Who is told.</summary>
    public IReadOnlyList<WebhookSettings> Webhooks { get; set; } = [];

    /// <summary>Who is told that all is well.</summary>
    public IReadOnlyList<HeartbeatSettings> Heartbeats { get; set; } = [];

    /// <summary>What the notifier needs. The settings must be sound.</summary>
    /// <param name="installation">Names this installation in messages.</param>
    public NotifyingOptions ToOptions(string installation) => new()
    {
        Installation = installation,
        Rules = new WatchRules(AfterFailures, StaleAfterIntervals, TimeSpan.FromSeconds(RepeatEveryInSecond)),
        LookEvery = TimeSpan.FromSeconds(LookEveryInSecond),
        Webhooks = [.. Webhooks.Select((w, i) => w.ToOptions(i, Webhooks.Take(i).Count(b => b.IsSameTarget(w))))],
        Heartbeats = [.. Heartbeats.Select((h, i) => h.ToOptions(i))],
    };
}
