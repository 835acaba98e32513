using System.Text.Json;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Notifying.Formats;

/// <summary>An incoming webhook of Slack; Mattermost and Rocket.Chat take the same.</summary>
internal sealed class SlackBody : IWebhookBody
{
    /// <inheritdoc/>
    public Uri PlaceOf(Uri url) => url;

    /// <inheritdoc/>
    public byte[] Write(Notification notification, FormatContext context)
    {
        var mark = notification.IsEnd ? ":white_check_mark:" : ":rotating_light:";
        var kind = EventNames.Of(notification.Problem.Kind);
        var text = $"{mark} *{notification.Cluster}* {(notification.IsEnd ? $"recovered ({kind})" : kind)}: {Escape(notification.Message)}";
        return JsonSerializer.SerializeToUtf8Bytes(
            new { text = context.Dropped == 0 ? text : $"{text}\n_{context.Dropped} earlier messages were lost_" }, JsonOptions.Readable);
    }

    /// <inheritdoc/>
    public void AddHeaders(HttpRequestMessage request, Notification notification, byte[] body, FormatContext context, DateTimeOffset now)
    {
        // The URL is all that Slack asks for.
    }

    // Slack's three control characters; without this, an error text could mention everybody in the channel.
    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
