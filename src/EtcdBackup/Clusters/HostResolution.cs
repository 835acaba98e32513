namespace EtcdBackup.Clusters;

/// <summary>What a Host header turned out to mean.</summary>
/// <param name="Found">The cluster meant.</param>
/// <param name="Candidates">Clusters that the short name fits, when it fits several.</param>
/// <param name="IsMalformed">Whether it is no valid host.</param>
/// <param name="Registered">How many clusters there are to choose from.</param>
public sealed record HostResolution(ClusterKey? Found, IReadOnlyList<ClusterKey> Candidates, bool IsMalformed, int Registered);
