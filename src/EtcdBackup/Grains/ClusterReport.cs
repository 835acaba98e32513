using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>The list of clusters of one reporter.</summary>
/// <param name="Source">The source, e.g. <c>configuration</c>.</param>
/// <param name="Reporter">The reporter: one silo and its file.</param>
/// <param name="Stamp">When the file was last written.</param>
/// <param name="Fingerprint">Identifies the list, for <see cref="IClusterDirectoryGrain.HearAsync"/>.</param>
/// <param name="Specs">The clusters; empty: there are none; null: the reporter is silent.</param>
public sealed record ClusterReport(string Source, string Reporter, DateTimeOffset Stamp, string Fingerprint,
    IReadOnlyList<ClusterSpec>? Specs);
