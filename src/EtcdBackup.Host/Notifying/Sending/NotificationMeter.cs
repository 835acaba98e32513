using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace EtcdBackup.Host.Notifying.Sending;

/// <summary>
/// How telling goes, by kind of target. Which target it is, the log says: its URL may be a secret, and a place in a list is no name.
/// </summary>
internal static class NotificationMeter
{
    /// <summary>The kind of target that a heartbeat is.</summary>
    public const string Heartbeat = "Heartbeat";

    private const string Sent = "sent";

    private static readonly string[] Losses = [.. Enum.GetValues<NotificationLoss>().Select(NameOf)];
    private static readonly ConcurrentDictionary<TargetQueue, string> Queues = new();
    private static readonly Meter Meter = new("etcdbackup");

    private static readonly Counter<long> Notifications = Meter.CreateCounter<long>(
        "etcdbackup.notifications", "{notification}", "Notifications that were sent or lost, by kind of target and result.");

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "etcdbackup.notification.failures", "{failure}", "Tries to send that the target did not accept, by its kind.");

    static NotificationMeter() => Meter.CreateObservableGauge(
        "etcdbackup.notifications.waiting", Waiting, "{notification}", "Notifications that wait for a target, by its kind.");

    /// <summary>Begins to tell how many wait for a target.</summary>
    public static void Follow(TargetQueue queue, WebhookFormat format)
    {
        Queues[queue] = format.ToString();
        Begin(format.ToString(), Losses);
    }

    /// <summary>The queue is somebody else's now.</summary>
    public static void Leave(TargetQueue queue) => Queues.TryRemove(queue, out _);

    /// <summary>Heartbeats are sent from here.</summary>
    public static void FollowHeartbeats() => Begin(Heartbeat, []);

    /// <summary>Counts what was accepted.</summary>
    /// <param name="target">The kind of target.</param>
    public static void CountSent(string target) => Notifications.Add(1, new("target", target), new("result", Sent));

    /// <summary>Counts a notification that no target will get.</summary>
    public static void CountLost(WebhookFormat format, NotificationLoss loss) =>
        Notifications.Add(1, new("target", format.ToString()), new("result", NameOf(loss)));

    /// <summary>Counts a try that was not accepted.</summary>
    /// <param name="target">The kind of target.</param>
    public static void CountFailure(string target) => Failures.Add(1, new KeyValuePair<string, object?>("target", target));

    // From 0: whoever looks for an increase does not see the first one of a series that begins at 1.
    private static void Begin(string target, IEnumerable<string> losses)
    {
        foreach (var result in losses.Append(Sent))
        {
            Notifications.Add(0, new("target", target), new("result", result));
        }

        Failures.Add(0, new KeyValuePair<string, object?>("target", target));
    }

    private static IEnumerable<Measurement<int>> Waiting() => Queues.GroupBy(q => q.Value, q => q.Key.Count)
        .Select(g => new Measurement<int>(g.Sum(), new KeyValuePair<string, object?>("target", g.Key)));

    private static string NameOf(NotificationLoss loss) => loss.ToString().ToLowerInvariant();
}
