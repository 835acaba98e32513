using EtcdBackup.Catalog;

namespace EtcdBackup.ChangeLog;

/// <summary>Revisions of one lineage, every one of which can be brought back.</summary>
/// <param name="Lineage">The lineage; null if it is unknown.</param>
/// <param name="From">The first.</param>
/// <param name="FromAt">When the cluster was at it, UTC: not later than this.</param>
/// <param name="To">The last.</param>
/// <param name="ToAt">When the cluster was at it, UTC.</param>
public sealed record RecoveryWindow(Lineage? Lineage, long From, DateTimeOffset FromAt, long To, DateTimeOffset ToAt)
{
    /// <summary>The windows of some backups and what goes on from them, newest first.</summary>
    /// <param name="paths">The paths.</param>
    /// <param name="backups">All backups; each that is sound can be brought back itself.</param>
    internal static IReadOnlyList<RecoveryWindow> Of(IEnumerable<LogPath> paths, IEnumerable<BackupEntry> backups)
    {
        var pieces = paths.Select(p => new RecoveryWindow(
                p.Base.Metadata?.Lineage, p.Base.Revision, p.Base.CreationTime, p.Last, p.LastAt))
            .Concat(backups.Where(b => b.IsSound).Select(b =>
                new RecoveryWindow(b.Metadata?.Lineage, b.Revision, b.CreationTime, b.Revision, b.CreationTime)));
        var windows = new List<RecoveryWindow>();
        foreach (var piece in pieces.OrderBy(p => p.Lineage?.Incarnation ?? 0).ThenBy(p => p.From).ThenBy(p => p.To))
        {
            // Of two unknown lineages nobody knows whether they are one.
            if (windows is [.., var last] && piece.Lineage is { Incarnation: > 0 and var incarnation } &&
                last.Lineage?.Incarnation == incarnation && piece.From <= last.To + 1)
            {
                windows[^1] = piece.To <= last.To ? last : last with { To = piece.To, ToAt = piece.ToAt };
            }
            else
            {
                windows.Add(piece);
            }
        }

        windows.Reverse();
        return windows;
    }
}
