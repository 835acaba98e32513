namespace EtcdBackup.Clusters;

/// <summary>Which cluster a Host header means.</summary>
/// <param name="Found">The cluster meant.</param>
/// <param name="Candidates">The clusters that a short name fits, if it fits several.</param>
/// <param name="IsMalformed">Whether the header is not a valid host.</param>
/// <param name="Registered">How many clusters there are to choose from.</param>
public sealed record HostResolution(ClusterKey? Found, IReadOnlyList<ClusterKey> Candidates, bool IsMalformed, int Registered);
