using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Configuration;

/// <summary>A configuration that was read and is valid.</summary>
/// <param name="Settings">Our settings.</param>
/// <param name="Others">The whole configuration, for the sections that other parts read.</param>
/// <param name="Specs">
/// The clusters with backups enabled; null if the configuration does not mention clusters, which is not the same as an empty list.
/// </param>
internal sealed record ReadConfiguration(Settings Settings, IConfiguration Others, IReadOnlyList<ClusterSpec>? Specs);
