using System.Text.Json;
using EtcdBackup.Clusters;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Notifying.Formats;

/// <summary>
/// Alertmanager's API. It forgets an alert that nobody repeats, so open problems are posted again and again, each with an end that lies
/// four repetitions ahead, as Prometheus does (rules/manager.go): an alert does not outlive its sender for long.
/// </summary>
/// <param name="every">The time between two repetitions.</param>
/// <param name="time">The clock.</param>
internal sealed class AlertmanagerBody(TimeSpan every, TimeProvider time) : IWebhookBody
{
    /// <summary>How many alerts one request has at most.</summary>
    public const int AtOnce = 200;

    /// <inheritdoc/>
    public Uri PlaceOf(Uri url) => new UriBuilder(url) { Path = url.AbsolutePath.TrimEnd('/') + "/api/v2/alerts" }.Uri;

    /// <inheritdoc/>
    // It repeats by itself, at its own pace.
    public byte[]? Write(Notification notification, FormatContext context) => notification.IsRepeat ? null
        : Serialize([AlertOf(notification.Cluster, notification.Problem, notification.Message, context,
            notification.IsEnd ? notification.At : Ahead)]);

    /// <summary>The open problems, once more.</summary>
    public byte[] Write(IEnumerable<OpenAlert> open, FormatContext context) =>
        Serialize([.. open.Select(o => AlertOf(o.Cluster, o.Problem, o.Problem.Message, context, Ahead))]);

    /// <inheritdoc/>
    public void AddHeaders(HttpRequestMessage request, Notification notification, byte[] body, FormatContext context, DateTimeOffset now)
    {
        // A token, if one is needed, goes with every request.
    }

    private DateTimeOffset Ahead => time.GetUtcNow() + (4 * every);

    private static object AlertOf(
        ClusterKey cluster, OpenProblem problem, string message, FormatContext context, DateTimeOffset endsAt) => new
        {
            // By these, and by these alone, it knows an alert again.
            labels = new Dictionary<string, string>
            {
                ["alertname"] = $"EtcdBackup{problem.Kind}",
                ["severity"] = problem.Kind == EventKind.Failed ? "warning" : "critical",
                ["namespace"] = cluster.Namespace,
                ["cluster"] = cluster.Name,
                ["subject"] = problem.Subject,
                ["installation"] = context.Installation,
            }.Where(l => l.Value != "").ToDictionary(),
            annotations = new { summary = message, id = problem.Id },
            // The clocks of two silos may differ, and an alert that ends before it starts is refused.
            startsAt = (problem.Since < endsAt ? problem.Since : endsAt).UtcDateTime,
            endsAt = endsAt.UtcDateTime,
        };

    private static byte[] Serialize(object[] alerts) => JsonSerializer.SerializeToUtf8Bytes(alerts, JsonOptions.Readable);
}
