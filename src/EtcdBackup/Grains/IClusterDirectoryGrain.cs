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
    Task<IReadOnlyList<HeldCluster>> ReportAsync(ClusterReport report);

    /// <summary>A reporter that registers by <see cref="PutAsync"/> says which clusters its source names.</summary>
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
    Task<IReadOnlyList<HeldCluster>> PutAsync(string source, string reporter, IReadOnlyList<ClusterSpec> specs);

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
    Task<string?> HolderOfAsync(ClusterKey key);

    /// <summary>Finds the cluster that a Host header names.</summary>
    [AlwaysInterleave]
    Task<HostAnswer> ResolveHostAsync(string? host);
}

/// <summary>What one reporter says of its source.</summary>
/// <param name="Source">Whose clusters, e.g. <c>configuration</c>.</param>
/// <param name="Reporter">Who says it: one silo and its file.</param>
/// <param name="Stamp">How new the list is: when the file was last written.</param>
/// <param name="Fingerprint">Names the list, for <see cref="IClusterDirectoryGrain.HearAsync"/>.</param>
/// <param name="Specs">The clusters; empty: it says that there are none; null: it says nothing of clusters.</param>
public sealed record ClusterReport(string Source, string Reporter, DateTimeOffset Stamp, string Fingerprint,
    IReadOnlyList<ClusterSpec>? Specs);

/// <summary>A cluster that another source holds.</summary>
/// <param name="Key">Which cluster.</param>
/// <param name="Source">Who holds it.</param>
public sealed record HeldCluster(ClusterKey Key, string Source);

/// <summary>A cluster that the directory knows.</summary>
/// <param name="Key">Which cluster.</param>
/// <param name="IsRegistered">Whether it is backed up.</param>
/// <param name="MissingSince">Since when no source names it; null while one does.</param>
/// <param name="UnregisteredAt">When it was, or will be, unregistered.</param>
/// <param name="BackupsDeletedAt">When its backups were, or will be, deleted; null when they stay.</param>
public sealed record ListedCluster(ClusterKey Key, bool IsRegistered, DateTimeOffset? MissingSince, DateTimeOffset? UnregisteredAt,
    DateTimeOffset? BackupsDeletedAt);

/// <summary>How a removal came out.</summary>
/// <param name="IsKnown">False when there is no such cluster.</param>
/// <param name="NamedBy">Who names it, and would bring it back; it was removed only if nobody does.</param>
/// <param name="Obstacle">Why it was not removed though nobody names it, and what to do; null when it was.</param>
public sealed record RemovalAnswer(bool IsKnown, IReadOnlyList<string> NamedBy, string? Obstacle)
{
    /// <summary>There is no such cluster.</summary>
    public static readonly RemovalAnswer Unknown = new(false, [], null);

    /// <summary>It was removed.</summary>
    public static readonly RemovalAnswer Done = new(true, [], null);

    /// <summary>It was kept, because somebody names it.</summary>
    public static RemovalAnswer Kept(IReadOnlyList<string> namedBy) => new(true, namedBy, null);

    /// <summary>It could not be removed.</summary>
    public static RemovalAnswer Refused(string obstacle) => new(true, [], obstacle);
}

/// <summary>A <see cref="HostResolution"/> in a form that travels between silos.</summary>
/// <param name="Found">The cluster meant.</param>
/// <param name="Candidates">Clusters that the short name fits, when several do.</param>
/// <param name="Malformed">Whether it is no valid host.</param>
/// <param name="Registered">How many clusters there are.</param>
public sealed record HostAnswer(ClusterKey? Found, IReadOnlyList<ClusterKey> Candidates, bool Malformed, int Registered);
