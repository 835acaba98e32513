namespace EtcdBackup.Snapshots;

/// <summary>
/// What each entry of the <c>key</c> bucket adds to HashKV. Which of them count is known only when all were seen, and to read the file once
/// more would take longer than to put this together.
/// </summary>
internal sealed class EntryChecksums
{
    private const int BlockSize = 1 << 16;
    private const int Moves = 1 << 10;

    // No array grows: that would need all of it twice.
    private readonly List<Entry[]> _blocks = [];
    private readonly (long Bytes, uint Move)[] _moves = new (long, uint)[Moves];

    /// <summary>How many there are.</summary>
    public long Count { get; private set; }

    /// <summary>Takes the next entry.</summary>
    /// <param name="key">Its revision.</param>
    /// <param name="bytes">Bytes of its key and value.</param>
    /// <param name="added">What they add to any checksum.</param>
    public void Add(RevisionKey key, long bytes, uint added)
    {
        if (Count % BlockSize == 0)
        {
            _blocks.Add(new Entry[BlockSize]);
        }

        _blocks[^1][Count % BlockSize] = new Entry((key.Main << 1) | (key.IsTombstone ? 1L : 0L), (uint)bytes, added);
        Count++;
    }

    /// <summary>HashKV for a compacted revision (etcd server/storage/mvcc/hash.go).</summary>
    public uint HashKv(KeyHistory history, long compactRevision)
    {
        var hash = new Crc32C();
        hash.Append("key"u8);
        for (long i = 0; i < Count; i++)
        {
            var entry = _blocks[(int)(i / BlockSize)][i % BlockSize];
            if (history.IsInHashKv(i, new RevisionKey(entry.Revision >> 1, 0, (entry.Revision & 1) != 0), compactRevision))
            {
                hash.Append(entry.Added, Move(entry.Bytes));
            }
        }

        return hash.Value;
    }

    // Most values of a cluster have one of few lengths.
    private uint Move(long bytes)
    {
        ref var known = ref _moves[bytes % Moves];
        if (known.Bytes != bytes)
        {
            known = (bytes, Crc32C.Move(bytes));
        }

        return known.Move;
    }

    /// <summary>An entry: its main revision and whether it is a deletion, its bytes, and what they add.</summary>
    private readonly record struct Entry(long Revision, uint Bytes, uint Added);
}
