using System.Globalization;
using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;

namespace EtcdBackup.Tests.ChangeLog;

/// <summary>Backups, segments and anchors for tests of what decides about them.</summary>
internal static class LogFixture
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A backup at a revision, taken so many minutes after the start.</summary>
    public static BackupEntry Backup(long revision, double minute = 0, int incarnation = 1)
    {
        var name = new BackupName(new EtcdVersion(3, 5, 0), revision, incarnation > 1 ? $"i{incarnation}" : "");
        return new BackupEntry
        {
            Name = name,
            StoredSize = 100,
            StoredAt = Start.AddMinutes(minute),
            Metadata = new BackupMetadata
            {
                Name = name,
                CreationTime = Start.AddMinutes(minute),
                Size = 100,
                Sha256 = Sha(revision, incarnation),
                Version = name.Version,
                Revision = revision,
                Position = new ClusterPosition("1", revision, 1, 1),
                Lineage = new Lineage("1", incarnation, ""),
                Member = "",
            },
        };
    }

    public static BackupEntry Damaged(this BackupEntry backup) => backup with
    {
        Metadata = backup.Metadata! with { Verification = new Verification(Start, false, "broken") },
    };

    public static AnchorName Anchor(long revision, string stream = "aaaaaaaa", int incarnation = 1, bool holds = true) =>
        new(revision, stream, Sha(revision, incarnation)[..AnchorName.Sha256Digits], holds ? AnchorKind.Base : AnchorKind.Differs);

    /// <summary>A segment of a chain whose values are the revisions; another silo's chain has another end.</summary>
    public static SegmentName Segment(
        long first, long last, double minute = 0, string stream = "aaaaaaaa", string chain = "0", int size = 100, long? before = null) =>
        new(first, last, Start.AddMinutes(minute), Start.AddMinutes(minute), stream,
            Chain(before ?? first - 1, chain), Chain(last, chain), size, DateTimeOffset.UnixEpoch, 2, 100, BackupEncoding.Zstd);

    public static LogListing Log(IEnumerable<SegmentName> segments, params IEnumerable<AnchorName> anchors) =>
        new([.. segments.OrderBy(s => s.First)], [.. anchors], 0);

    private static string Chain(long revision, string chain) =>
        revision.ToString("x15", CultureInfo.InvariantCulture) + chain;

    private static string Sha(long revision, int incarnation) =>
        (((long)incarnation << 40) + revision).ToString("x16", CultureInfo.InvariantCulture).PadRight(64, '0');
}
