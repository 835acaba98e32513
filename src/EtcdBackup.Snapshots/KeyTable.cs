namespace EtcdBackup.Snapshots;

/// <summary>The newest entry of each key, by the key's hash. Twelve bytes for each place; a dictionary needs twice as much.</summary>
internal sealed class KeyTable
{
    private const int Smallest = 1024;

    private ulong[] _hashes = new ulong[Smallest];
    private uint[] _entries = new uint[Smallest];

    /// <summary>How many keys there are.</summary>
    public int Count { get; private set; }

    /// <summary>Each key's newest entry, and whether that is a deletion.</summary>
    public IEnumerable<(long Entry, bool IsTombstone)> Newest =>
        _hashes.Zip(_entries).Where(p => p.First != 0).Select(p => ((long)(p.Second >> 1), (p.Second & 1) != 0));

    /// <summary>Notes the next entry of a key.</summary>
    /// <param name="hash">The key's hash.</param>
    /// <param name="entry">The entry's number, in the order of revisions; below 2^31.</param>
    /// <param name="isTombstone">Whether it is a deletion.</param>
    public void Set(ulong hash, long entry, bool isTombstone)
    {
        // 0 is an empty place.
        var place = Find(hash == 0 ? 1 : hash);
        _entries[place] = (uint)(entry << 1) | (isTombstone ? 1U : 0U);
        if (Count > _hashes.Length / 4 * 3)
        {
            Grow();
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Array.Clear(_hashes);
        Count = 0;
    }

    private int Find(ulong hash)
    {
        var mask = _hashes.Length - 1;
        for (var place = (int)(hash >> 32) & mask; ; place = (place + 1) & mask)
        {
            if (_hashes[place] == hash)
            {
                return place;
            }

            if (_hashes[place] == 0)
            {
                _hashes[place] = hash;
                Count++;
                return place;
            }
        }
    }

    private void Grow()
    {
        var (hashes, entries) = (_hashes, _entries);
        (_hashes, _entries, Count) = (new ulong[hashes.Length * 2], new uint[hashes.Length * 2], 0);
        for (var i = 0; i < hashes.Length; i++)
        {
            if (hashes[i] != 0)
            {
                _entries[Find(hashes[i])] = entries[i];
            }
        }
    }
}
