using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Configuration;

/// <summary>A configuration that was read and found sound.</summary>
/// <param name="Settings">Our settings.</param>
/// <param name="Others">All of it, for the sections that others read.</param>
/// <param name="Specs">
/// The clusters with backups enabled; null when the configuration does not mention clusters at all, which is no list of none.
/// </param>
internal sealed record ReadConfiguration(Settings Settings, IConfiguration Others, IReadOnlyList<ClusterSpec>? Specs);
