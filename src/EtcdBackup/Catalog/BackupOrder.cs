using EtcdBackup.Clusters;

namespace EtcdBackup.Catalog;

/// <summary>Orders backups and finds one among them; pure.</summary>
internal static class BackupOrder
{
    /// <summary>
    /// Newest first: by lineage, then by revision (in one lineage it only grows, whatever the clocks say).
    /// Backups of unknown lineage are ordered by time.
    /// </summary>
    public static IReadOnlyList<BackupEntry> NewestFirst(IEnumerable<BackupEntry> entries) =>
        [.. entries
            .OrderByDescending(e => e.Incarnation)
            .ThenByDescending(e => e.Incarnation > 0 ? e.Revision : 0)
            .ThenByDescending(e => e.CreationTime)
            .ThenByDescending(e => e.Revision)
            .ThenBy(e => e.Name.ToString(), StringComparer.Ordinal)];

    /// <summary>
    /// The newest sound backup of the current lineage: not simply the highest revision, which after a restore is an old one.
    /// </summary>
    public static BackupEntry? Latest(IEnumerable<BackupEntry> entries) =>
        NewestFirst(entries.Where(e => e.IsSound)) is [var latest, ..] ? latest : null;

    /// <summary>
    /// The sound backup that was stored last among those whose lineage nobody knows any more. The latest may be of an earlier one.
    /// </summary>
    public static BackupEntry? NewestOfUnknownLineage(IEnumerable<BackupEntry> entries) =>
        entries.Where(e => e is { IsSound: true, Incarnation: 0 }).MaxBy(e => e.StoredAt);

    /// <summary>
    /// The backup at exactly this revision from a cluster of exactly this version; of several lineages the newest one's. A backup of the
    /// original service is also found by its name, which has the revision before its snapshot, not the one in it.
    /// </summary>
    public static BackupEntry? At(IEnumerable<BackupEntry> entries, EtcdVersion version, long revision)
    {
        var all = entries.Where(e => e.Version == version).ToList();
        return Latest(all.Where(e => e.Revision == revision)) ??
            Latest(all.Where(e => e.Metadata is { Rebuilt: true } && e.Name.Revision == revision));
    }
}
