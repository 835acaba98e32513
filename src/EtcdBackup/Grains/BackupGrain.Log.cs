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

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: the store refuses to delete {Backup}; it stays, counted, until the store lets it go. This is told once")]
    private partial void LogRefused(ClusterKey cluster, BackupName backup, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: its store cannot be used; its backups fail until that is mended")]
    private partial void LogNoStore(ClusterKey cluster, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster} was due at {Due}, and nothing was planned: its backup runs now")]
    private partial void LogOverdue(ClusterKey cluster, DateTimeOffset due);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}: another activation wrote the state; taking over what it wrote")]
    private partial void LogOtherActivation(ClusterKey cluster, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Cluster}: the state could not be saved; backups go on, and the next run saves it")]
    private partial void LogNotSaved(ClusterKey cluster, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Cluster}: old backups could not be removed; the next backup tries again")]
    private partial void LogPruneFailed(ClusterKey cluster, Exception exception);
}
