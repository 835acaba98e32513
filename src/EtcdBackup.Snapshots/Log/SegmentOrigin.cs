namespace EtcdBackup.Snapshots.Log;

/// <summary>What the writer of a segment cannot know by itself; see <see cref="SegmentHeader"/>.</summary>
/// <param name="ClusterId">etcd's id of the cluster.</param>
/// <param name="Incarnation">Which history of that cluster it is.</param>
/// <param name="Base">The base snapshot that the chain is anchored in.</param>
/// <param name="Before">SHA-256 of the segment before; empty for the first after a base.</param>
internal sealed record SegmentOrigin(ulong ClusterId, string Incarnation, string Base, ReadOnlyMemory<byte> Before);
