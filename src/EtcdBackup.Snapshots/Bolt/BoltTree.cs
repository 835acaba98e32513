namespace EtcdBackup.Snapshots.Bolt;

/// <summary>
/// The pages of one bucket, built from its leaves upwards while its keys come in order. One page of each level is in memory.
/// </summary>
internal sealed class BoltTree(BoltOutput output)
{
    // As in bbolt's pages (MinKeysPerPage): a branch with one child would be a level for nothing.
    private const int FewestInLeaf = 2;
    private const int FewestInBranch = 4;

    // A larger entry has pages of its own: its value passes by in parts.
    private const int LargestHeld = 64 * 1024;

    // bbolt bucket.go, maxInlineBucketSize.
    private const int InlineShare = 4;

    private readonly BoltLeaf _leaf = new();
    private readonly List<BoltBranch> _levels = [];
    private bool _hasBuckets;

    /// <summary>Adds an entry whose key is above all others.</summary>
    public void Add(uint flags, ReadOnlySpan<byte> key, BoltValue value)
    {
        _hasBuckets |= (flags & BoltFormat.BucketElementFlag) != 0;
        var size = BoltFormat.LeafElementSize + key.Length + value.Length;
        if (size > LargestHeld)
        {
            WriteLeaf();
            WriteLarge(flags, key, value, BoltFormat.PageHeaderSize + size);
            return;
        }

        if (_leaf.Count >= FewestInLeaf && _leaf.Size + size > output.PageSize)
        {
            WriteLeaf();
        }

        _leaf.Add(flags, key, value);
    }

    /// <summary>The bucket as a value within its parent; null if it is not small enough, or has buckets.</summary>
    public byte[]? FinishInline() =>
        _levels.Count == 0 && !_hasBuckets && _leaf.Size <= output.PageSize / InlineShare ? _leaf.ToInlineBucket() : null;

    /// <summary>Writes what is left.</summary>
    /// <returns>The page at the top.</returns>
    public ulong Finish()
    {
        if (_levels.Count == 0)
        {
            return _leaf.WriteTo(output);
        }

        WriteLeaf();
        for (var level = 0; ; level++)
        {
            var branch = _levels[level];
            var isTop = level == _levels.Count - 1;
            if (isTop && branch.Count == 1)
            {
                return branch.FirstChild;
            }

            var key = branch.FirstKey;
            var page = branch.WriteTo(output, branch.Count);
            if (isTop)
            {
                return page;
            }

            AddChild(level + 1, key, page);
        }
    }

    private void WriteLeaf()
    {
        if (_leaf.Count > 0)
        {
            var key = _leaf.FirstKey.ToArray();
            AddChild(0, key, _leaf.WriteTo(output));
        }
    }

    private void WriteLarge(uint flags, ReadOnlySpan<byte> key, BoltValue value, long size)
    {
        Span<byte> element = stackalloc byte[BoltFormat.LeafElementSize];
        BoltLeaf.WriteElement(element, flags, BoltFormat.LeafElementSize, (uint)key.Length, (uint)value.Length);
        var page = output.Begin(BoltFormat.LeafFlag, 1, size);
        output.Append(element);
        output.Append(key);
        value.Read(output.Append);
        output.End();
        AddChild(0, key.ToArray(), page);
    }

    private void AddChild(int level, byte[] key, ulong page)
    {
        if (level == _levels.Count)
        {
            _levels.Add(new BoltBranch());
        }

        var branch = _levels[level];
        if (branch.Count >= FewestInBranch && branch.Size + BoltFormat.BranchElementSize + key.Length > output.PageSize)
        {
            // One stays, so that the page that begins here will have two.
            var first = branch.FirstKey;
            AddChild(level + 1, first, branch.WriteTo(output, branch.Count - 1));
        }

        branch.Add(key, page);
    }
}
