using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>What one reporter says of its source.</summary>
/// <param name="Source">Whose clusters, e.g. <c>configuration</c>.</param>
/// <param name="Reporter">Who says it: one silo and its file.</param>
/// <param name="Stamp">How new the list is: when the file was last written.</param>
/// <param name="Fingerprint">Names the list, for <see cref="IClusterDirectoryGrain.HearAsync"/>.</param>
/// <param name="Specs">The clusters; empty: it says that there are none; null: it says nothing of clusters.</param>
public sealed record ClusterReport(string Source, string Reporter, DateTimeOffset Stamp, string Fingerprint,
    IReadOnlyList<ClusterSpec>? Specs);
