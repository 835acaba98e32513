using EtcdBackup.Clusters;
using Orleans.Concurrency;

namespace EtcdBackup.Grains;

/// <summary>Knows which clusters are backed up, and who asked for it. There is one, with the key <see cref="Key"/>.</summary>
public interface IClusterDirectoryGrain : IGrainWithStringKey
{
    /// <summary>The key of the one directory.</summary>
    const string Key = "directory";

    /// <summary>Makes the clusters of one source exactly <paramref name="desired"/>: registers new ones, hands on changed specs, removes the others.</summary>
    /// <param name="source">Who asks, e.g. <c>configuration</c>. Clusters of other sources are left alone.</param>
    /// <param name="desired">All clusters of that source.</param>
    /// <returns>Clusters that another source holds already, and that were left alone.</returns>
    [ResponseTimeout("00:10:00")]
    Task<IReadOnlyList<ClusterKey>> ReconcileAsync(string source, IReadOnlyList<ClusterSpec> desired);

    /// <summary>Registers clusters, or hands on their changed specs; all others stay as they are.</summary>
    /// <param name="source">Who asks.</param>
    /// <param name="specs">Some clusters of that source.</param>
    /// <returns>Those that another source holds already, and that were left alone.</returns>
    [ResponseTimeout("00:10:00")]
    Task<IReadOnlyList<HeldCluster>> PutAsync(string source, IReadOnlyList<ClusterSpec> specs);

    /// <summary>Strikes a cluster from the list, if this source holds it. <see cref="IBackupGrain.RemoveAsync"/> comes before: that can take long, and must not hold up others here.</summary>
    /// <param name="source">Who asks.</param>
    /// <param name="key">Which cluster.</param>
    Task ForgetAsync(string source, ClusterKey key);

    /// <summary>All registered clusters, ordered by name.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<ClusterKey>> ListAsync();

    /// <summary>The clusters that a source holds.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<ClusterKey>> ListOfAsync(string source);

    /// <summary>The source that registered a cluster; null when none did.</summary>
    [AlwaysInterleave]
    Task<string?> HolderOfAsync(ClusterKey key);

    /// <summary>A grain tells that it exists.</summary>
    [AlwaysInterleave]
    Task<ClusterSpec?> CheckInAsync(ClusterKey key, ClusterSpec? spec, string source);

    /// <summary>Finds the cluster that a Host header names.</summary>
    [AlwaysInterleave]
    Task<HostAnswer> ResolveHostAsync(string? host);
}

/// <summary>A cluster that another source holds.</summary>
/// <param name="Key">Which cluster.</param>
/// <param name="Source">Who holds it.</param>
public sealed record HeldCluster(ClusterKey Key, string Source);

/// <summary>A <see cref="HostResolution"/> in a form that travels between silos.</summary>
/// <param name="Found">The cluster meant.</param>
/// <param name="Candidates">Clusters that the short name fits, when several do.</param>
/// <param name="Malformed">Whether it is no valid host.</param>
/// <param name="Registered">How many clusters there are.</param>
public sealed record HostAnswer(ClusterKey? Found, IReadOnlyList<ClusterKey> Candidates, bool Malformed, int Registered);
