using EtcdBackup.Clusters;
using Orleans.Concurrency;

namespace EtcdBackup.Kubernetes.Controlling;

/// <summary>
/// Runs the controller: one among all silos, whose place another takes when it dies. There is one, with the key <see cref="Key"/>.
/// </summary>
/// <remarks>A grain and not a Lease of Kubernetes: that would have to be renewed every few seconds. Two of them for a moment do no harm,
/// for all they do they do again without effect.</remarks>
internal interface IKubernetesControllerGrain : IGrainWithStringKey
{
    /// <summary>The key of the one controller.</summary>
    const string Key = "controller";

    /// <summary>Makes it run, if it does not.</summary>
    /// <returns>What keeps it from its work; nothing when all is well.</returns>
    [AlwaysInterleave]
    Task<IReadOnlyList<string>> EnsureAsync();

    /// <summary>The status of these clusters changed.</summary>
    [OneWay]
    [AlwaysInterleave]
    Task NoteAsync(IReadOnlyList<ClusterKey> clusters);
}
