using System.Security.Cryptography;
using System.Text;
using EtcdBackup.Host.Access;
using EtcdBackup.Host.Notifying.Formats;
using EtcdBackup.Host.Notifying.Sending;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Configuration;

/// <summary>A webhook that is told.</summary>
internal sealed class WebhookSettings
{
    /// <summary>Its URL.</summary>
    public string Url { get; set; } = "";

    /// <summary>A file with its URL, where that is a secret.</summary>
    public string UrlFile { get; set; } = "";

    /// <summary>How it is spoken to.</summary>
    public WebhookFormat Format { get; set; }

    /// <summary>A file with the key of the signature, or PagerDuty's routing key.</summary>
    public string SecretFile { get; set; } = "";

    /// <summary>A file with a bearer token to show.</summary>
    public string TokenFile { get; set; } = "";

    /// <summary>Certificates (PEM) of the authorities to trust; empty: the machine's own.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>Of which clusters it is told, e.g. <c>team-a/*</c>; empty: of all.</summary>
    public IReadOnlyList<string> Clusters { get; set; } = [];

    /// <summary>Of which events it is told; empty: of all.</summary>
    public IReadOnlyList<EventKind> Events { get; set; } = [];

    /// <summary>Whether both are one receiver.</summary>
    public bool IsSameTarget(WebhookSettings other) => (Format, Url, UrlFile) == (other.Format, other.Url, other.UrlFile);

    /// <summary>What the notifier needs. The settings must be sound.</summary>
    /// <param name="index">Its place in the list.</param>
    /// <param name="before">How many before it are the same receiver.</param>
    public WebhookOptions ToOptions(int index, int before)
    {
        var setting = $"Notifications:Webhooks:{index}";
        var url = Url == "" && UrlFile == "" && Format == WebhookFormat.PagerDuty ? PagerDutyBody.DefaultUrl : Url;
        return new WebhookOptions
        {
            Setting = setting,
            Url = new SecretText($"{setting}:{nameof(UrlFile)}", url, UrlFile),
            Format = Format,
            Secret = new SecretText($"{setting}:{nameof(SecretFile)}", "", SecretFile),
            Token = new SecretText($"{setting}:{nameof(TokenFile)}", "", TokenFile),
            Ca = new SecretText($"{setting}:{nameof(CaFile)}", "", CaFile),
            Clusters = PatternsOf(Clusters),
            Events = [.. Events],
            // It goes into the saved state, and the URL must not.
            Id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Format}\n{url}\n{UrlFile}\n{before}")))[..16],
        };
    }

    /// <summary>The clusters that a list of patterns names.</summary>
    public static IReadOnlyList<ClusterPattern> PatternsOf(IReadOnlyList<string> clusters) => clusters.Count == 0 ? [ClusterPattern.All]
        : [.. clusters.Select(c => ClusterPattern.TryParse(c, out var pattern) ? pattern : throw new FormatException(c))];
}
