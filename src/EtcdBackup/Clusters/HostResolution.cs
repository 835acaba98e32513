namespace EtcdBackup.Clusters;

/// <summary>What a Host header turned out to mean.</summary>
internal abstract record HostResolution
{
    private HostResolution()
    {
    }

    /// <summary>This cluster.</summary>
    public sealed record Found(ClusterKey Key) : HostResolution;

    /// <summary>The short name fits clusters in several namespaces.</summary>
    public sealed record Ambiguous(IReadOnlyList<ClusterKey> Candidates) : HostResolution;

    /// <summary>No cluster of that name; or no name of a cluster, and <paramref name="Registered"/> (not exactly one) to choose
    /// from.</summary>
    public sealed record Unknown(int Registered) : HostResolution;

    /// <summary>No valid host.</summary>
    public sealed record Malformed : HostResolution;
}
