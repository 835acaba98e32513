namespace EtcdBackup.Snapshots.Bolt;

/// <summary>Checks that the keys of one tree ascend, over all its pages, and that no key is lower than its branch said.</summary>
internal sealed class KeyOrder
{
    private byte[] _last = new byte[64];
    private int _length = -1;
    private bool _isBranch;

    /// <summary>A branch announces that the next keys are not lower than this.</summary>
    public void BranchKey(ulong page, ReadOnlySpan<byte> key) => Next(page, key, isBranch: true);

    /// <summary>The next key of a leaf.</summary>
    public void LeafKey(ulong page, ReadOnlySpan<byte> key) => Next(page, key, isBranch: false);

    private void Next(ulong page, ReadOnlySpan<byte> key, bool isBranch)
    {
        // Only a branch's own key may come again: as the first of its child.
        if (_length >= 0 && key.SequenceCompareTo(_last.AsSpan(0, _length)) is var order && (order < 0 || (order == 0 && !_isBranch)))
        {
            throw BoltFile.Corrupt(page, "a key is not above the keys before it");
        }

        Keep(key, isBranch);
    }

    private void Keep(ReadOnlySpan<byte> key, bool isBranch)
    {
        if (_last.Length < key.Length)
        {
            _last = new byte[BoltFormat.MaxKeySize];
        }

        key.CopyTo(_last);
        (_length, _isBranch) = (key.Length, isBranch);
    }
}
