namespace EtcdBackup.Snapshots.Log;

/// <summary>A finished segment.</summary>
/// <param name="Header">What it says of itself.</param>
/// <param name="Bytes">All of it, uncompressed.</param>
/// <param name="Sha256">Its SHA-256: what the next segment calls <see cref="SegmentHeader.Before"/>.</param>
internal sealed record SealedSegment(SegmentHeader Header, byte[] Bytes, byte[] Sha256);
