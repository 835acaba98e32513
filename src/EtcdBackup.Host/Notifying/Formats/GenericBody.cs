using System.Globalization;
using System.Text.Json;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Notifying.Formats;

/// <summary>
/// Our own JSON, with the headers of CloudEvents 1.0 in its binary mode (cloudevents/spec: bindings/http-protocol-binding.md), and a
/// signature.
/// </summary>
internal sealed class GenericBody : IWebhookBody
{
    /// <inheritdoc/>
    public Uri PlaceOf(Uri url) => url;

    /// <inheritdoc/>
    public byte[] Write(Notification notification, FormatContext context) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        id = notification.Id,
        @event = EventNames.Of(notification.Event),
        time = notification.At.UtcDateTime,
        cluster = new { @namespace = notification.Cluster.Namespace, name = notification.Cluster.Name },
        message = notification.Message,
        problem = new
        {
            id = notification.Problem.Id,
            kind = EventNames.Of(notification.Problem.Kind),
            subject = notification.Problem.Subject,
            since = notification.Problem.Since.UtcDateTime,
            times = notification.Problem.Times,
        },
        lastSuccess = notification.LastSuccess?.UtcDateTime,
        failuresInRow = notification.FailuresInRow,
        dropped = context.Dropped,
    }, JsonOptions.Readable);

    /// <inheritdoc/>
    public void AddHeaders(
        HttpRequestMessage request, Notification notification, byte[] body, FormatContext context, DateTimeOffset now)
    {
        request.Headers.Add("ce-specversion", "1.0");
        request.Headers.Add("ce-id", notification.Id);
        request.Headers.Add("ce-type", $"dev.etcdbackup.{EventNames.Of(notification.Event)}");
        request.Headers.Add("ce-source", context.Source);
        request.Headers.Add("ce-subject", notification.Cluster.ToString());
        request.Headers.Add("ce-time", notification.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        Signature.Add(request, body, context.Secret, now);
    }
}
