using EtcdBackup.Clusters;
using Orleans.Concurrency;

namespace EtcdBackup.Grains;

/// <summary>Knows which clusters are backed up, and which source owns each. There is one, with the key <see cref="Key"/>. Its decisions
/// are made by <see cref="ClusterRegister"/>.</summary>
public interface IClusterDirectoryGrain : IGrainWithStringKey
{
    /// <summary>The key of the one directory.</summary>
    const string Key = "directory";

    /// <summary>A reporter says that it is alive, and that its list has not changed.</summary>
    /// <param name="source">The source, e.g. <c>configuration</c>.</param>
    /// <param name="reporter">The reporter.</param>
    /// <param name="fingerprint">Identifies the list.</param>
    /// <returns>False if that list is not known here and must be reported.</returns>
    Task<bool> HearAsync(string source, string reporter, string fingerprint);

    /// <summary>A reporter says which clusters its source names. A cluster that is no longer named is unregistered after a grace; silence
    /// and an empty list remove nothing.</summary>
    /// <returns>Clusters that another source owns already; they were left alone.</returns>
    [ResponseTimeout("00:10:00")]
    Task<IReadOnlyList<OwnedCluster>> ReportAsync(ClusterReport report);

    /// <summary>A reporter that registers by <see cref="RegisterAsync"/> says which clusters its source names.</summary>
    /// <param name="source">The source.</param>
    /// <param name="reporter">The reporter.</param>
    /// <param name="keys">The clusters; null: the reporter does not know now.</param>
    /// <returns>Those whose spec is not known here: they have to be registered.</returns>
    Task<IReadOnlyList<ClusterKey>> ReportNamesAsync(string source, string reporter, IReadOnlyList<ClusterKey>? keys);

    /// <summary>Registers clusters, or applies their changed specs; all others stay as they are.</summary>
    /// <param name="source">The source.</param>
    /// <param name="reporter">The reporter.</param>
    /// <param name="specs">Some clusters of that source.</param>
    /// <returns>Those that another source owns already; they were left alone.</returns>
    [ResponseTimeout("00:10:00")]
    Task<IReadOnlyList<OwnedCluster>> RegisterAsync(string source, string reporter, IReadOnlyList<ClusterSpec> specs);

    /// <summary>Unregisters a cluster at once, because it was deleted in its source. Does nothing if another source owns it.</summary>
    /// <param name="source">The source.</param>
    /// <param name="key">The cluster.</param>
    /// <param name="deleteBackups">Whether its backups are deleted too.</param>
    /// <returns>Whether the source owned it.</returns>
    [ResponseTimeout("01:00:00")]
    Task<bool> UnregisterAsync(string source, ClusterKey key, bool deleteBackups);

    /// <summary>Unregisters a cluster at once, on request of a person, unless a reporter still names it.</summary>
    /// <param name="key">The cluster.</param>
    /// <param name="deleteBackups">Whether its backups are deleted too.</param>
    [ResponseTimeout("01:00:00")]
    Task<RemovalAnswer> RemoveAsync(ClusterKey key, bool deleteBackups);

    /// <summary>A cluster's grain checks in. If the directory has lost its state, the cluster is listed again.</summary>
    /// <param name="key">The cluster.</param>
    /// <param name="spec">Its spec; null if the grain's state was lost.</param>
    /// <param name="source">The source, as the grain remembers it.</param>
    /// <returns>The spec in force, if it is known here; else null.</returns>
    [AlwaysInterleave]
    Task<ClusterSpec?> CheckInAsync(ClusterKey key, ClusterSpec? spec, string source);

    /// <summary>All registered clusters, ordered by name.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<ClusterKey>> ListAsync();

    /// <summary>All known clusters, including missing and unregistered ones, ordered by name.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<ListedCluster>> ListAllAsync();

    /// <summary>The registered clusters that a source owns.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<ClusterKey>> ListOfAsync(string source);

    /// <summary>The source that owns a registered cluster; null if there is none.</summary>
    [AlwaysInterleave]
    Task<string?> OwnerOfAsync(ClusterKey key);

    /// <summary>Finds the cluster that a Host header names.</summary>
    [AlwaysInterleave]
    Task<HostResolution> ResolveHostAsync(string? host);
}
