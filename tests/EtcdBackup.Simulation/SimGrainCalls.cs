using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Retention;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Simulation;

/// <summary>A grain of which the directory calls what it does call.</summary>
internal abstract class SimGrainCalls : IBackupGrain
{
    public abstract Task ConfigureAsync(ClusterSpec spec, string source, TimeSpan within);

    public abstract Task RemoveAsync(bool deleteBackups);

    public abstract Task DeleteBackupsAsync(ClusterSpec spec);

    public abstract Task<ClusterSummary> GetSummaryAsync();

    public Task<BackupNowReply> BackupNowAsync() => throw new NotSupportedException();

    public Task<ClusterLocation> WakeAsync() => throw new NotSupportedException();

    public Task<ClusterStatus> GetStatusAsync() => throw new NotSupportedException();

    public Task<ClusterSummary> GetState() => throw new NotSupportedException();

    public Task<FoundBackup> FindAsync(BackupQuestion question) => throw new NotSupportedException();

    public Task<BackupSlice> ListBackupsAsync(int from, int limit) => throw new NotSupportedException();

    public Task<IReadOnlyList<RetentionDecision>> PreviewRetentionAsync() => throw new NotSupportedException();

    public Task<LogState?> GetLogAsync(bool store) => throw new NotSupportedException();

    public Task<VerificationReport?> VerifyAsync(BackupName backup) => throw new NotSupportedException();

    public Task<Deletion> DeleteAsync(BackupName backup, bool force) => throw new NotSupportedException();
}
