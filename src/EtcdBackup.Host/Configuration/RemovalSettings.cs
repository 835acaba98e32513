using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Configuration;

/// <summary>What happens to clusters that no source names any more.</summary>
internal sealed class RemovalSettings
{
    /// <summary>Seconds after which a cluster that no source names any more is no longer backed up.</summary>
    public int GraceInSecond { get; set; } = (int)RemovalTimes.Default.Grace.TotalSeconds;

    /// <summary>Seconds after that until its backups are deleted, if its spec has <c>autoDelete</c>.</summary>
    public int BackupsGraceInSecond { get; set; } = (int)RemovalTimes.Default.BackupsGrace.TotalSeconds;

    public RemovalTimes Times => new(TimeSpan.FromSeconds(GraceInSecond), TimeSpan.FromSeconds(BackupsGraceInSecond));
}
