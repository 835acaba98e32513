using EtcdBackup.Clusters;
using Orleans.Concurrency;

namespace EtcdBackup.Kubernetes.Controlling;

/// <summary>
/// Runs the controller: one among all silos, on another silo if its silo dies. There is one, with the key <see cref="Key"/>.
/// </summary>
/// <remarks>A grain and not a Lease of Kubernetes: that would have to be renewed every few seconds. Two controllers for a moment do no
/// harm: all they do is apply, and applying again changes nothing.</remarks>
internal interface IKubernetesControllerGrain : IGrainWithStringKey
{
    /// <summary>The key of the one controller.</summary>
    const string Key = "controller";

    /// <summary>Starts the controller if it does not run.</summary>
    /// <returns>Its problems; empty if there are none.</returns>
    [AlwaysInterleave]
    Task<IReadOnlyList<string>> EnsureAsync();

    /// <summary>The status of these clusters changed.</summary>
    [OneWay]
    [AlwaysInterleave]
    Task NoteAsync(IReadOnlyList<ClusterKey> clusters);
}
