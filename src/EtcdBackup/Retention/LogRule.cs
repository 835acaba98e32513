using System.Globalization;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;

namespace EtcdBackup.Retention;

/// <summary>
/// What the change log needs, whatever the other rules say: a log without the backup that it goes on from gives nothing. So the backup that
/// the kept time begins with stays, and some within, so that the beginning can move on; pure.
/// </summary>
internal static class LogRule
{
    private const int Slices = 6;

    /// <summary>What it keeps, with the reason.</summary>
    /// <param name="sound">The sound backups, newest first.</param>
    /// <param name="log">The change log; null: none.</param>
    /// <param name="isAnchored">Whether the log goes on from a backup.</param>
    /// <param name="now">The time that ages are counted from, UTC.</param>
    public static Dictionary<BackupName, string> Apply(
        IReadOnlyList<BackupEntry> sound, LogSpec? log, Func<BackupEntry, bool> isAnchored, DateTimeOffset now)
    {
        if (log is not { Enabled: true })
        {
            return [];
        }

        var (keep, slice) = (log.KeepFor, log.KeepFor.Ticks / Slices);
        var within = sound.Where(e => e.CreationTime > now - keep)
            .GroupBy(e => (e.Incarnation, e.CreationTime.UtcTicks / slice))
            .Select(g => g.MinBy(e => (!isAnchored(e), e.CreationTime, e.Revision))!);
        var first = sound.Where(e => e.CreationTime <= now - keep && e.Incarnation == sound[0].Incarnation)
            .MaxBy(e => (isAnchored(e), e.CreationTime, e.Revision));
        var why = string.Create(CultureInfo.InvariantCulture, $"the change log of the last {keep.TotalHours:0.##} hours goes on from it");
        return (first is null ? within : within.Append(first)).ToDictionary(e => e.Name, _ => why);
    }
}
