using EtcdBackup.Host.Notifying.Sending;

namespace EtcdBackup.Host.Configuration;

/// <summary>A dead-man's switch: a URL that is called while all is well.</summary>
internal sealed class HeartbeatSettings
{
    /// <summary>The URL.</summary>
    public string Url { get; set; } = "";

    /// <summary>A file with the URL, where that is a secret.</summary>
    public string UrlFile { get; set; } = "";

    /// <summary>Certificates (PEM) of the authorities to trust; empty: the machine's own.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>Which clusters have to be well, e.g. <c>team-a/*</c>; empty: all.</summary>
    public IReadOnlyList<string> Clusters { get; set; } = [];

    /// <summary>Seconds between two calls.</summary>
    public int EveryInSecond { get; set; } = 60;

    /// <summary>Put behind the URL's path while not all is well; empty: nothing is called then.</summary>
    public string FailSuffix { get; set; } = "";

    /// <summary>What the notifier needs. The settings must be sound.</summary>
    /// <param name="index">Its place in the list.</param>
    public HeartbeatOptions ToOptions(int index)
    {
        var setting = $"Notifications:Heartbeats:{index}";
        return new HeartbeatOptions(
            setting,
            new SecretText($"{setting}:{nameof(UrlFile)}", Url, UrlFile),
            new SecretText($"{setting}:{nameof(CaFile)}", "", CaFile),
            WebhookSettings.PatternsOf(Clusters), TimeSpan.FromSeconds(EveryInSecond), FailSuffix);
    }
}
