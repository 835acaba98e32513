namespace EtcdBackup.Catalog;

/// <summary>
/// The known history of a cluster, from the last look in the saved state and from the metadata of the backups in the store. Each of
/// the two can be lost, late or rolled back, so the higher incarnation of both counts, and in it the highest
/// position.
/// </summary>
internal sealed class ClusterHistory
{
    private readonly ClusterLook? _newest;
    private readonly bool _isContested;

    private ClusterHistory(ClusterLook? newest, bool isContested, BackupEntry? latest) =>
        (_newest, _isContested, Latest) = (newest, isContested, latest);

    /// <summary>The current lineage; null if unknown.</summary>
    public Lineage? Lineage => _newest?.Lineage;

    /// <summary>The highest position in it; null if unknown.</summary>
    public ClusterPosition? Position => _newest?.Position;

    /// <summary>The newest backup of it, sound or not: its metadata is valid in any case. Null if there is none.</summary>
    public BackupEntry? Latest { get; }

    /// <summary>Combines both.</summary>
    /// <param name="look">The last look; null if there is none.</param>
    /// <param name="entries">The backups in the store, sound or not.</param>
    public static ClusterHistory Of(ClusterLook? look, IEnumerable<BackupEntry> entries)
    {
        var backups = entries.Where(e => e.Incarnation > 0).ToList();
        var looks = backups.ConvertAll(e => new ClusterLook(e.Metadata!.Position, e.Metadata.Lineage));
        if (look is not null)
        {
            looks.Add(look);
        }

        return looks.Count == 0 ? new ClusterHistory(null, false, null) : OfNewest(looks, backups);
    }

    /// <summary>Compares the position of the cluster with the known history.</summary>
    public Progress Compare(ClusterPosition now)
    {
        if (_newest is not { Position: var known })
        {
            return Progress.Advanced;
        }

        if (_isContested || known.ClusterId != now.ClusterId)
        {
            return Progress.OtherLineage;
        }

        if (now.IsBehind(known))
        {
            return Progress.WentBack;
        }

        return now.Revision == known.Revision ? Progress.Unchanged : Progress.Advanced;
    }

    /// <summary>The next lineage after the known one.</summary>
    /// <param name="clusterId">The cluster's id.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="random">For the tag.</param>
    public Lineage Next(string clusterId, DateTimeOffset now, Random random) => Lineage is { } known
        ? new Lineage(clusterId, known.Incarnation + 1, Catalog.Lineage.NewTag(random), now)
        : new Lineage(clusterId, 1, "", now);

    // Two silos that did not see each other may have begun different lineages with one incarnation. Which of their backups came first is
    // no longer known: the next backup begins a lineage above both.
    private static ClusterHistory OfNewest(List<ClusterLook> looks, List<BackupEntry> backups)
    {
        var incarnation = looks.Max(l => l.Lineage.Incarnation);
        var newest = looks.FindAll(l => l.Lineage.Incarnation == incarnation);
        var isContested = newest.Exists(
            l => l.Lineage.Tag != newest[0].Lineage.Tag || l.Position.ClusterId != newest[0].Position.ClusterId);
        var position = newest.Select(l => l.Position).Aggregate((a, b) => a.Highest(b));
        var lineage = newest.Select(l => l.Lineage).MinBy(l => l.Since ?? DateTimeOffset.MinValue)!;
        var latest = backups.Where(e => e.Incarnation == incarnation).MaxBy(e => e.Revision);
        return new ClusterHistory(new ClusterLook(position, lineage), isContested, latest);
    }
}
