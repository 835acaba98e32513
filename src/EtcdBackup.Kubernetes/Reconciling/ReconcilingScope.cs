namespace EtcdBackup.Kubernetes.Reconciling;

/// <summary>What the controller works on.</summary>
/// <param name="Namespaces">Namespaces to look in; "" stands for all of them.</param>
/// <param name="ServiceTarget">The DNS name that each <c>CLUSTER-backup-sidecar</c> leads to.</param>
/// <param name="IsVolumeShared">Whether resources may ask for <c>PersistentVolume</c>.</param>
internal sealed record ReconcilingScope(IReadOnlyList<string> Namespaces, string ServiceTarget, bool IsVolumeShared);
