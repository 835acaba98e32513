using EtcdBackup.Clusters;
using EtcdBackup.Scheduling;

namespace EtcdBackup.Stores;

/// <summary>The directories of stores on this machine.</summary>
/// <param name="Volume">Root of the <see cref="StorageType.PersistentVolume"/> store.</param>
/// <param name="Scratch">Backups on their way to other stores.</param>
public sealed record StoreOptions(string Volume, string Scratch)
{
    /// <summary>
    /// Certificates (PEM) of the authorities to trust at remote stores whose secret has no <c>ca.crt</c>; empty: the machine's own.
    /// </summary>
    public string CaFile { get; init; } = "";

    /// <summary>What specs of resources may do.</summary>
    public ResourceLimits Resources { get; init; } = new();

    /// <summary>The silence limit of a call to a store, or for a secret.</summary>
    public TimeSpan Silence { get; init; } = Defaults.Silence;
}
