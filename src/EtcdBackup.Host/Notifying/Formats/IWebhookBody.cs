using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Notifying.Formats;

/// <summary>What a kind of receiver takes.</summary>
internal interface IWebhookBody
{
    /// <summary>Where it is posted, below the URL of the settings.</summary>
    Uri PlaceOf(Uri url);

    /// <summary>The JSON.</summary>
    /// <param name="notification">What is told.</param>
    /// <param name="context">From whom, and with what.</param>
    /// <returns>Null if this receiver does not want to know.</returns>
    byte[]? Write(Notification notification, FormatContext context);

    /// <summary>What else goes with it.</summary>
    void AddHeaders(HttpRequestMessage request, Notification notification, byte[] body, FormatContext context, DateTimeOffset now);
}
