using EtcdBackup.Catalog;
using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>The result of a search for a backup, and the spec that says where it is.</summary>
/// <param name="Spec">The cluster's spec; null when it is not registered.</param>
/// <param name="Backup">The backup; null when there is no such one.</param>
public sealed record FoundBackup(ClusterSpec? Spec, BackupEntry? Backup);
