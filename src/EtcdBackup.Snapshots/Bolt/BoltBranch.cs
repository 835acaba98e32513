using System.Buffers.Binary;

namespace EtcdBackup.Snapshots.Bolt;

/// <summary>The children of one branch page, until it is full (bbolt internal/common/page.go): first key and page of each.</summary>
internal sealed class BoltBranch
{
    private readonly List<(byte[] Key, ulong Page)> _children = [];

    /// <summary>How many children it has.</summary>
    public int Count => _children.Count;

    /// <summary>Bytes of the page, with its header.</summary>
    public int Size { get; private set; } = BoltFormat.PageHeaderSize;

    /// <summary>The first key of all.</summary>
    public byte[] FirstKey => _children[0].Key;

    /// <summary>The first child.</summary>
    public ulong FirstChild => _children[0].Page;

    /// <summary>Adds a child, whose keys are above those of all others.</summary>
    public void Add(byte[] key, ulong page)
    {
        _children.Add((key, page));
        Size += BoltFormat.BranchElementSize + key.Length;
    }

    /// <summary>Writes some children as a page, and forgets them.</summary>
    /// <returns>The page's id.</returns>
    public ulong WriteTo(BoltOutput output, int count)
    {
        var written = _children[..count];
        var data = BoltFormat.PageHeaderSize + (count * BoltFormat.BranchElementSize);
        var page = new byte[data + written.Sum(c => c.Key.Length)];
        for (var i = 0; i < count; i++)
        {
            var at = BoltFormat.PageHeaderSize + (i * BoltFormat.BranchElementSize);
            var element = page.AsSpan(at);
            BinaryPrimitives.WriteUInt32LittleEndian(element, (uint)(data - at));
            BinaryPrimitives.WriteUInt32LittleEndian(element[4..], (uint)written[i].Key.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(element[8..], written[i].Page);
            written[i].Key.CopyTo(page, data);
            data += written[i].Key.Length;
        }

        var id = output.Begin(BoltFormat.BranchFlag, count, page.Length);
        output.Append(page.AsSpan(BoltFormat.PageHeaderSize));
        output.End();
        _children.RemoveRange(0, count);
        Size -= page.Length - BoltFormat.PageHeaderSize;
        return id;
    }
}
