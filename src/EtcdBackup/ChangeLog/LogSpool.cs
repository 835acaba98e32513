using System.Security.Cryptography;
using System.Text;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Stores;

namespace EtcdBackup.ChangeLog;

/// <summary>
/// Segments of one cluster whose store is away. They wait on this silo's disk, compressed and encrypted as in the store, and go to that
/// store in their order once it is back: of this process, or of the next.
/// </summary>
/// <param name="disk">The disk.</param>
/// <param name="spec">The cluster's spec: what waits for another store than that of the spec goes on waiting.</param>
/// <param name="keys">The keys of encrypted segments.</param>
internal sealed class LogSpool(SpoolDisk disk, ClusterSpec spec, AgeFiles keys) : IDisposable
{
    private readonly LogStore _local = new(disk.Disk, spec.Key, keys, PlaceOf(spec.Backup));
    private readonly Queue<SegmentName> _waiting = [];
    private readonly Lock _lock = new();
    private readonly Turn _turn = new();

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Finds what an earlier process left.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var found = (await _local.ListAsync(cancellationToken)).Segments;
        lock (_lock)
        {
            foreach (var name in found.Where(s => !_waiting.Contains(s)))
            {
                disk.Count(name.Size);
                _waiting.Enqueue(name);
            }
        }
    }

    /// <summary>Keeps a segment behind those that wait.</summary>
    /// <returns>Its bytes on the disk, and whether it is the only one; null if there is no room.</returns>
    public async Task<(long Bytes, bool IsFirst)?> TryAddAsync(
        SegmentName name, ReadOnlyMemory<byte> plain, CancellationToken cancellationToken)
    {
        if (!disk.TryTake(name.Size))
        {
            return null;
        }

        try
        {
            var bytes = await _local.WriteAsync(name, plain, cancellationToken);
            lock (_lock)
            {
                _waiting.Enqueue(name);
                return (bytes, _waiting.Count == 1);
            }
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
    /// <exception cref="IOException">The store is still away, or a key is missing.</exception>
    /// <exception cref="LogBrokenException">One was damaged or removed.</exception>
    public Task SendAsync(LogStore store, Action<SegmentName> sent, CancellationToken cancellationToken) => _turn.DoAsync(async () =>
    {
        while (First() is { } next)
        {
            // Encryption may have been asked for since.
            var name = next with { Encoding = next.Encoding | LogStore.EncodingOf(spec.Backup) };
            await store.WriteAsync(name, await ReadAsync(next, cancellationToken), cancellationToken);
            sent(next);
            await _local.DeleteAsync(next, cancellationToken);
            Drop(next);
        }
    }, cancellationToken);

    /// <summary>What waits stays on the disk.</summary>
    public void Dispose()
    {
        while (First() is { } next)
        {
            Drop(next);
        }
    }

    private static string PlaceOf(BackupSpec backup)
    {
        var place = $"{StoreProvider.PlaceOf(backup)} {backup.S3?.Prefix}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(place)).AsSpan(0, 8));
    }

    private SegmentName? First()
    {
        lock (_lock)
        {
            return _waiting.TryPeek(out var first) ? first : null;
        }
    }

    // Whoever still sends when it is disposed of finds it gone.
    private void Drop(SegmentName name)
    {
        lock (_lock)
        {
            if (!_waiting.TryPeek(out var first) || first != name)
            {
                return;
            }

            _waiting.Dequeue();
        }

        disk.GiveBack(name.Size);
    }

    private async Task<byte[]> ReadAsync(SegmentName name, CancellationToken cancellationToken)
    {
        try
        {
            var plain = await _local.ReadAsync(name, cancellationToken);
            return plain.Length == name.Size && LogTail.ChainText(SHA256.HashData(plain)) == name.After ? plain
                : throw new EncodingException("its hash is another");
        }
        catch (Exception e) when (e is FileNotFoundException or EncodingException or EndOfStreamException)
        {
            Drop(name);
            throw new LogBrokenException(
                $"revisions {name.First} to {name.Last} waited on this silo's disk for the store, and were " +
                $"{(e is FileNotFoundException ? "removed" : "damaged")} there: {e.Message}", e);
        }
    }
}
