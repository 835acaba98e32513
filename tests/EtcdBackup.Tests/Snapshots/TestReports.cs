using EtcdBackup.Snapshots;

namespace EtcdBackup.Tests.Snapshots;

/// <summary>Reports of snapshots that nobody took.</summary>
internal static class TestReports
{
    /// <summary>A report of a small one.</summary>
    public static SnapshotReport Of(long revision) => new()
    {
        Revision = revision,
        LastMainRevision = revision,
        LastSubRevision = 0,
        CompactedRevision = 0,
        ScheduledCompactRevision = 0,
        Revisions = 1,
        Tombstones = 0,
        TotalKeys = 1,
        TotalSize = 1,
        UsedSize = 1,
        Buckets = [],
        Members = [],
        Alarms = [],
        AuthEnabled = false,
        Leases = 0,
    };
}
