using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Simulation;

/// <content>How it calls grains.</content>
internal sealed partial class SimDirectory
{
    /// <summary>The grain of a cluster, as the directory sees it.</summary>
    private sealed class Grain(SimDirectory directory, Activation from, ClusterKey key) : SimGrainCalls
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

        public override Task ConfigureAsync(ClusterSpec spec, string source, TimeSpan within) =>
            CallAsync(async c =>
            {
                await c.ConfigureAsync(spec, source, within);
                directory.Configured(key);
                return true;
            });

        public override Task<ClusterSummary> GetSummaryAsync() => CallAsync(c => Task.FromResult(c.Summary()));

        public override async Task RemoveAsync(bool deleteBackups)
        {
            directory.Tell($"{from.Actor.Name}: unregisters {key}, with its backups: {deleteBackups}");
            directory.Judge(from, key, deleteBackups);
            directory._unregisteredAt[key] = directory.World.Elapsed;
            if (deleteBackups)
            {
                directory.Deleting(key);
            }

            directory.Removing(key);
            await CallAsync(async c =>
            {
                await c.RemoveAsync(deleteBackups);
                directory.Removing(key);
                return true;
            });
        }

        public override Task DeleteBackupsAsync(ClusterSpec spec)
        {
            directory.Tell($"{from.Actor.Name}: deletes the backups of {key}");
            directory.Judge(from, key, deletes: true);
            directory.Deleting(key);
            return CallAsync(async c =>
            {
                await c.DeleteBackupsAsync(spec);
                return true;
            });
        }

        private Task<T> CallAsync<T>(Func<BackupClock, Task<T>> call) => directory.Grains.CallAsync(key, call, Patience, from.Silo);
    }
}
