using EtcdBackup.Catalog;
using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <summary>What a <see cref="BackupGrain"/> keeps. All but the spec can be rebuilt from the store.</summary>
public sealed record BackupGrainState
{
    /// <summary>The shape that this build writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Version of this shape.</summary>
    public int Format { get; set; } = CurrentFormat;

    /// <summary>The spec; null when the cluster is not registered.</summary>
    public ClusterSpec? Spec { get; set; }

    /// <summary>Who asked for the cluster.</summary>
    public string Source { get; set; } = "";

    /// <summary>Where the cluster stood at the last backup.</summary>
    public ClusterPosition? Position { get; set; }

    /// <summary>The history of the last backup.</summary>
    public Lineage? Lineage { get; set; }

    /// <summary>The last backup.</summary>
    public BackupName? Latest { get; set; }

    /// <summary>When the next backup is due, UTC.</summary>
    public DateTimeOffset? NextDue { get; set; }

    /// <summary>The last success, UTC.</summary>
    public DateTimeOffset? LastSuccess { get; set; }

    /// <summary>Failed runs since the last success.</summary>
    public int FailuresInRow { get; set; }

    /// <summary>The last runs, newest first.</summary>
    public List<RunOutcome> Outcomes { get; set; } = [];

    /// <summary>A newer build's state is left to it: this one would lose what it does not know.</summary>
    /// <exception cref="NotSupportedException">It is newer.</exception>
    public void RefuseNewer(string cluster)
    {
        if (Format > CurrentFormat)
        {
            throw new NotSupportedException($"the state of {cluster} has format {Format}, written by a newer build, and this one knows up to {CurrentFormat}: end the upgrade, or restore the state store");
        }
    }
}
