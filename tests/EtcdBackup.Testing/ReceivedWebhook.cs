using System.Text;
using System.Text.Json;

namespace EtcdBackup.Testing;

/// <summary>A request that came to a <see cref="WebhookReceiver"/>.</summary>
public sealed record ReceivedWebhook(string Method, string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>The id of the event, as CloudEvents has it.</summary>
    public string Id => Headers.GetValueOrDefault("ce-id", "");

    /// <summary>Its type, without our prefix.</summary>
    public string Type => Headers.GetValueOrDefault("ce-type", "").Replace("dev.etcdbackup.", "", StringComparison.Ordinal);
}
