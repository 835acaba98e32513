using System.Net;
using System.Text.RegularExpressions;

namespace EtcdBackup.Clusters;

/// <summary>Finds the cluster that a <c>Host</c> header names: <c>NAME-backup-sidecar[.NAMESPACE[.svc[.DOMAIN]]]</c>.</summary>
public static partial class HostResolver
{
    /// <summary>The old operator named a cluster's service after the cluster, with this suffix.</summary>
    public const string ServiceSuffix = "-backup-sidecar";

    /// <summary>Decides which of <paramref name="clusters"/> is meant.</summary>
    /// <param name="host">The Host header's value, with or without a port.</param>
    /// <param name="clusters">All registered clusters.</param>
    public static HostResolution Resolve(string? host, IReadOnlyCollection<ClusterKey> clusters)
    {
        if (Normalize(host) is not { } name)
        {
            return new HostResolution(null, [], true, clusters.Count);
        }

        var labels = name.Split('.');
        if (labels[0].EndsWith(ServiceSuffix, StringComparison.Ordinal))
        {
            var cluster = labels[0][..^ServiceSuffix.Length];
            var fits = labels.Length == 1
                ? [.. clusters.Where(c => c.Name == cluster).OrderBy(c => c.Namespace, StringComparer.Ordinal)]
                : labels.Length == 2 || labels[2] == "svc"
                    ? clusters.Where(c => c.Name == cluster && c.Namespace == labels[1]).ToArray()
                    : [];

            // A name that fits no cluster never means another one, not even the only one: an init container would restore the wrong
            // data.
            return new HostResolution(fits is [var only] ? only : null, fits.Length > 1 ? fits : [], false, clusters.Count);
        }

        // The same holds for a host that looks like a sidecar's name and is none.
        var isOnlyOne = clusters.Count == 1 && !name.Contains(ServiceSuffix, StringComparison.Ordinal);
        return new HostResolution(isOnlyOne ? clusters.First() : null, [], false, clusters.Count);
    }

    // Null if it is not a host at all. RFC 9110 7.2: uri-host [ ":" port ]; a final dot only makes a name absolute.
    private static string? Normalize(string? host)
    {
        if (string.IsNullOrEmpty(host) || host.Length > 262 || HostAndPort().Match(host) is not { Success: true } match)
        {
            return null;
        }

        if (match.Groups["port"] is { Success: true } port && (port.Length > 5 || int.Parse(port.ValueSpan, null) > 65535))
        {
            return null;
        }

        if (match.Groups["six"] is { Success: true } six)
        {
            return IPAddress.TryParse(six.ValueSpan, out _) ? match.Value : null;
        }

#pragma warning disable CA1308 // DNS names are compared in lower case
        var name = match.Groups["name"].Value.ToLowerInvariant();
#pragma warning restore CA1308
        name = name.EndsWith('.') ? name[..^1] : name;
        return name.Split('.').All(l => l.Length is > 0 and <= 63) ? name : null;
    }

    [GeneratedRegex(@"\A(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<name>[A-Za-z0-9_.-]+))(?::(?<port>[0-9]+))?\z")]
    private static partial Regex HostAndPort();
}
