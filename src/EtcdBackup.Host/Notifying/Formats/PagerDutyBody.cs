using System.Text.Json;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Notifying.Formats;

/// <summary>PagerDuty's Events API, version 2: a problem is one incident, by its id, until its end is told.</summary>
internal sealed class PagerDutyBody : IWebhookBody
{
    /// <summary>Where PagerDuty takes events.</summary>
    public const string DefaultUrl = "https://events.pagerduty.com/v2/enqueue";

    // Limits of the API; what is longer is refused.
    private const int LongestSummary = 1024;
    private const int LongestKey = 255;

    /// <inheritdoc/>
    public Uri PlaceOf(Uri url) => url;

    /// <inheritdoc/>
    public byte[] Write(Notification notification, FormatContext context)
    {
        var key = Cut(notification.Problem.Id, LongestKey);
        return notification.IsEnd
            ? JsonSerializer.SerializeToUtf8Bytes(
                new { routing_key = context.Secret, event_action = "resolve", dedup_key = key }, JsonOptions.Readable)
            : JsonSerializer.SerializeToUtf8Bytes(new
            {
                routing_key = context.Secret,
                event_action = "trigger",
                dedup_key = key,
                payload = new
                {
                    summary = Cut(notification.Message, LongestSummary),
                    source = notification.Cluster.ToString(),
                    severity = notification.Problem.Kind == EventKind.Failed ? "error" : "critical",
                    timestamp = notification.Problem.Since.UtcDateTime,
                    component = "etcd",
                    group = notification.Cluster.Namespace,
                    @class = EventNames.Of(notification.Problem.Kind),
                    custom_details = new
                    {
                        installation = context.Installation,
                        last_success = notification.LastSuccess?.UtcDateTime,
                        failures_in_row = notification.FailuresInRow,
                        dropped = context.Dropped,
                    },
                },
            }, JsonOptions.Readable);
    }

    /// <inheritdoc/>
    public void AddHeaders(HttpRequestMessage request, Notification notification, byte[] body, FormatContext context, DateTimeOffset now)
    {
        // The routing key is in the body.
    }

    private static string Cut(string text, int longest) => text.Length <= longest ? text : text[..longest];
}
