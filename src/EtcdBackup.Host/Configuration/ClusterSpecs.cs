using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Configuration;

/// <summary>Turns the clusters of a configuration into specs, and finds what is wrong with them.</summary>
internal static class ClusterSpecs
{
    /// <summary>The specs of the clusters that have backups enabled; what is wrong is added to <paramref name="problems"/>.</summary>
    public static IReadOnlyList<ClusterSpec> Of(IReadOnlyList<ClusterSettings> clusters, List<string> problems)
    {
        var specs = new List<ClusterSpec>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < clusters.Count; i++)
        {
            var cluster = clusters[i];
            var name = $"{cluster.Namespace}/{cluster.Name}";
            var found = MalformedParts(cluster).ToList();
            if (found.Count == 0 && cluster.Backup is not null)
            {
                var spec = ToSpec(cluster);
                found.AddRange(SpecProblems.Of(spec));
                specs.Add(spec);
            }

            if (!seen.Add(name))
            {
                found.Add("this cluster is listed twice");
            }

            problems.AddRange(found.Select(p => $"Clusters:{i} ({name}): {p}"));
        }

        return specs;
    }

    private static ClusterSpec ToSpec(ClusterSettings cluster) => new()
    {
        Key = new ClusterKey(cluster.Namespace, cluster.Name),
        Endpoints = [.. cluster.Endpoints.Select(e => new Uri(e))],
        Tls = cluster.Tls,
        Auth = cluster.Auth,
        Backup = cluster.Backup!,
    };

    // Values that a spec cannot hold.
    private static IEnumerable<string> MalformedParts(ClusterSettings cluster)
    {
        if (!ClusterKey.IsLabel(cluster.Namespace))
        {
            yield return $"namespace is '{cluster.Namespace}': allowed are {ClusterKey.LabelRule}";
        }

        if (!ClusterKey.IsLabel(cluster.Name))
        {
            yield return $"name is '{cluster.Name}': allowed are {ClusterKey.LabelRule}";
        }

        foreach (var endpoint in cluster.Endpoints.Where(e => !Uri.TryCreate(e, UriKind.Absolute, out _)))
        {
            yield return $"endpoints has '{endpoint}': write http://host:port or https://host:port";
        }
    }
}
