namespace EtcdBackup.ChangeLog;

/// <summary>What the change log of a cluster has in the store, by names.</summary>
/// <param name="Segments">The segments.</param>
/// <param name="Anchors">The anchors.</param>
/// <param name="Bytes">Bytes of all of them in the store.</param>
internal sealed record LogListing(IReadOnlyList<SegmentName> Segments, IReadOnlyList<AnchorName> Anchors, long Bytes)
{
    /// <summary>Nothing.</summary>
    public static LogListing Empty { get; } = new([], [], 0);
}
