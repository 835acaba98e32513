using EtcdBackup.Catalog;

namespace EtcdBackup.ChangeLog;

/// <summary>What the change log of a cluster has in the store, by names.</summary>
/// <param name="Segments">The segments.</param>
/// <param name="Anchors">The anchors.</param>
/// <param name="Bytes">Bytes of all of them in the store.</param>
internal sealed record LogListing(IReadOnlyList<SegmentName> Segments, IReadOnlyList<AnchorName> Anchors, long Bytes)
{
    /// <summary>Whether a stream goes on from a backup.</summary>
    public bool HasAnchorIn(BackupEntry backup) => backup.Metadata is { Sha256.Length: > 0 } metadata && Anchors.Any(a =>
        a.Kind == AnchorKind.Base && a.Revision == backup.Revision && metadata.Sha256.StartsWith(a.Sha256, StringComparison.Ordinal));
}
