using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Grains;

/// <content>What the log says.</content>
internal sealed partial class BackupGrain
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster} is backed up every {Interval} (new: {IsNew})")]
    private partial void LogConfigured(ClusterKey cluster, TimeSpan interval, bool isNew);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster} is no longer backed up; its backups are {Fate}")]
    private partial void LogRemoved(ClusterKey cluster, string fate);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: backup {Backup}, {Bytes} bytes from {Member} in {Seconds} s")]
    private partial void LogTaken(ClusterKey cluster, BackupName backup, long bytes, string member, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "The backup of {Cluster} failed, time {Failures} in a row; the backups in the store are untouched")]
    private partial void LogFailed(ClusterKey cluster, int failures, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: removed {Backup}: {Reason}")]
    private partial void LogPruned(ClusterKey cluster, BackupName backup, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cluster}: backup {Backup} was deleted on request")]
    private partial void LogDeleted(ClusterKey cluster, BackupName backup);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: a stored backup could not be read again; that is tried after the next run")]
    private partial void LogScrubFailed(ClusterKey cluster, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Cluster}: old backups could not be removed; the next backup tries again")]
    private partial void LogPruneFailed(ClusterKey cluster, Exception exception);
}
