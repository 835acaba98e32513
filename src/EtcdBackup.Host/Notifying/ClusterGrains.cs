using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Host.Notifying;

/// <summary>Asks the grains, each within a time limit.</summary>
internal sealed class ClusterGrains(IGrainFactory grains, TimeProvider time) : IClusterSource
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ClusterKey>> ListAsync() =>
        grains.GetGrain<IClusterDirectoryGrain>(IClusterDirectoryGrain.Key).ListAsync().WaitAsync(Limit, time);

    /// <inheritdoc/>
    public async Task<(ClusterSummary Summary, ClusterStatus? Status)> AskAsync(ClusterKey cluster, bool withStatus)
    {
        var grain = grains.GetGrain<IBackupGrain>(cluster.ToString());
        if (withStatus)
        {
            try
            {
                var status = await grain.GetStatusAsync().WaitAsync(Limit, time);
                return (status.Summary, status);
            }
            catch (Exception e) when (e is IOException or TimeoutException or UnauthorizedAccessException)
            {
                // The store is unavailable. The runs that fail for it say so: the summary has them.
            }
        }

        return (await grain.GetSummaryAsync().WaitAsync(Limit, time), null);
    }
}
