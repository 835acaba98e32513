using EtcdBackup.Clusters;
using Orleans.Concurrency;

namespace EtcdBackup.Grains;

/// <summary>Knows which clusters are backed up, and who asked for it. There is one, with the key <see cref="Key"/>. What is decided here,
/// <see cref="ClusterRegister"/> decides.</summary>
public interface IClusterDirectoryGrain : IGrainWithStringKey
{
    /// <summary>The key of the one directory.</summary>
    const string Key = "directory";

    /// <summary>A reporter says that it is there, and that its list is what it was.</summary>
    /// <param name="source">Whose clusters, e.g. <c>configuration</c>.</param>
    /// <param name="reporter">Who says it.</param>
    /// <param name="fingerprint">Which list.</param>
    /// <returns>False when that list is not known here: report it.</returns>
    Task<bool> HearAsync(string source, string reporter, string fingerprint);

    /// <summary>A reporter says which clusters its source names. A cluster that nobody names any more goes after a grace; silence and an
    /// empty list remove nothing.</summary>
    /// <returns>Clusters that another source holds already, and that were left alone.</returns>
    [ResponseTimeout("00:10:00")]
    Task<IReadOnlyList<OwnedCluster>> ReportAsync(ClusterReport report);

    /// <summary>A reporter that registers by <see cref="RegisterAsync"/> says which clusters its source names.</summary>
    /// <param name="source">Whose clusters.</param>
    /// <param name="reporter">Who says it.</param>
    /// <param name="keys">The clusters; null: it cannot tell just now.</param>
    /// <returns>Those whose spec is not known here: put them.</returns>
    Task<IReadOnlyList<ClusterKey>> ReportNamesAsync(string source, string reporter, IReadOnlyList<ClusterKey>? keys);

    /// <summary>Registers clusters, or hands on their changed specs; all others stay as they are.</summary>
    /// <param name="source">Whose clusters.</param>
    /// <param name="reporter">Who says it.</param>
    /// <param name="specs">Some clusters of that source.</param>
    /// <returns>Those that another source holds already, and that were left alone.</returns>
    [ResponseTimeout("00:10:00")]
    Task<IReadOnlyList<OwnedCluster>> RegisterAsync(string source, string reporter, IReadOnlyList<ClusterSpec> specs);

    /// <summary>Removes a cluster at once, as a person said by the source itself; nothing when another source holds it.</summary>
    /// <param name="source">Whose cluster.</param>
    /// <param name="key">Which cluster.</param>
    /// <param name="deleteBackups">Whether its backups go too.</param>
    /// <returns>Whether the source held it.</returns>
    [ResponseTimeout("01:00:00")]
    Task<bool> LetGoAsync(string source, ClusterKey key, bool deleteBackups);

    /// <summary>Removes a cluster at once, as a person asked, unless somebody would name it again.</summary>
    /// <param name="key">Which cluster.</param>
    /// <param name="deleteBackups">Whether its backups go too.</param>
    [ResponseTimeout("01:00:00")]
    Task<RemovalAnswer> RemoveAsync(ClusterKey key, bool deleteBackups);

    /// <summary>A cluster's grain says that it is there: should the state here have been lost, the cluster is listed again.</summary>
    /// <param name="key">The cluster.</param>
    /// <param name="spec">Its spec; null when the grain's state was lost.</param>
    /// <param name="source">Who asked for it, as the grain remembers.</param>
    /// <returns>The spec in force, if it is known here; else null.</returns>
    [AlwaysInterleave]
    Task<ClusterSpec?> CheckInAsync(ClusterKey key, ClusterSpec? spec, string source);

    /// <summary>All registered clusters, ordered by name.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<ClusterKey>> ListAsync();

    /// <summary>All clusters that are known, also those that are on their way out, ordered by name.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<ListedCluster>> ListAllAsync();

    /// <summary>The registered clusters that a source holds.</summary>
    [AlwaysInterleave]
    Task<IReadOnlyList<ClusterKey>> ListOfAsync(string source);

    /// <summary>The source that registered a cluster; null when none did.</summary>
    [AlwaysInterleave]
    Task<string?> OwnerOfAsync(ClusterKey key);

    /// <summary>Finds the cluster that a Host header names.</summary>
    [AlwaysInterleave]
    Task<HostResolution> ResolveHostAsync(string? host);
}
