using EtcdBackup.Clusters;
using Orleans.Concurrency;

namespace EtcdBackup.Host.Notifying;

/// <summary>
/// Tells people how the clusters are: one among all silos, on another silo if its silo dies. There is one, with the key <see cref="Key"/>.
/// </summary>
internal interface INotifierGrain : IGrainWithStringKey
{
    /// <summary>The key of the one notifier.</summary>
    const string Key = "notifier";

    /// <summary>Starts the notifier if it does not run.</summary>
    [AlwaysInterleave]
    Task EnsureAsync();

    /// <summary>Something happened to these clusters.</summary>
    [AlwaysInterleave]
    Task NoteAsync(IReadOnlyList<ClusterKey> clusters);
}
