using EtcdBackup.Clusters;
using EtcdBackup.Encodings;

namespace EtcdBackup.ChangeLog;

/// <summary>
/// Segments of one cluster whose store is away. They wait on this silo's disk, encoded as the store would have them, and go to the store
/// in their order once it is back: of this process, or of the next.
/// </summary>
/// <param name="disk">The disk.</param>
/// <param name="cluster">The cluster.</param>
/// <param name="keys">The keys of encrypted segments.</param>
internal sealed class LogSpool(SpoolDisk disk, ClusterKey cluster, AgeFiles keys) : IDisposable
{
    private readonly LogStore _local = new(disk.Disk, cluster, keys);
    private readonly Queue<SegmentName> _waiting = [];
    private readonly Turn _turn = new();

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>Finds what an earlier process left.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var name in (await _local.ListAsync(cancellationToken)).Segments.Where(s => !_waiting.Contains(s)))
        {
            disk.Count(name.Size);
            _waiting.Enqueue(name);
        }
    }

    /// <summary>Keeps a segment behind those that wait.</summary>
    /// <returns>Its bytes on the disk; null if there is no room.</returns>
    public async Task<long?> TryAddAsync(SegmentName name, ReadOnlyMemory<byte> plain, CancellationToken cancellationToken)
    {
        if (!disk.TryTake(name.Size))
        {
            return null;
        }

        try
        {
            var bytes = await _local.WriteAsync(name, plain, cancellationToken);
            _waiting.Enqueue(name);
            return bytes;
        }
        catch
        {
            disk.GiveBack(name.Size);
            throw;
        }
    }

    /// <summary>Sends all to the store, the oldest first.</summary>
    /// <param name="store">The store.</param>
    /// <param name="sent">Told of each that is in the store.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The store is still away.</exception>
    /// <exception cref="LogBrokenException">Somebody removed one.</exception>
    public Task SendAsync(LogStore store, Action<SegmentName> sent, CancellationToken cancellationToken) => _turn.DoAsync(async () =>
    {
        while (_waiting.TryPeek(out var next))
        {
            await store.WriteEncodedAsync(next, await ReadAsync(next, cancellationToken), cancellationToken);
            await _local.DeleteAsync(next, cancellationToken);
            _waiting.Dequeue();
            disk.GiveBack(next.Size);
            sent(next);
        }
    }, cancellationToken);

    /// <summary>What waits stays on the disk.</summary>
    public void Dispose() => disk.GiveBack(_waiting.Sum(s => (long)s.Size));

    private async Task<byte[]> ReadAsync(SegmentName name, CancellationToken cancellationToken)
    {
        try
        {
            return await _local.ReadEncodedAsync(name, cancellationToken);
        }
        catch (FileNotFoundException e)
        {
            _waiting.Dequeue();
            disk.GiveBack(name.Size);
            throw new LogBrokenException(
                $"revisions {name.First} to {name.Last} waited on this silo's disk for the store, and were removed there", e);
        }
    }
}
