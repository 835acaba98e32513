using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace EtcdBackup.Snapshots.Bolt;

/// <summary>
/// Writes a fresh bbolt file by bulk load (bbolt db.go, init; bucket.go; internal/common/page.go): two meta pages, an empty freelist, then
/// full pages in the order of keys. The same content gives the same bytes, and memory does not grow with the file.
/// </summary>
internal sealed class BoltWriter
{
    private const int MetaPages = 2;

    private readonly BoltOutput _output;
    private readonly ulong _freelist;
    private readonly Stack<(byte[] Name, BoltTree Tree)> _open = new();

    /// <param name="file">The file, which is empty.</param>
    /// <param name="pageSize">Bytes of a page: those of the file that is copied, because etcd uses what the file says.</param>
    public BoltWriter(SafeFileHandle file, int pageSize)
    {
        _output = new BoltOutput(file, pageSize);
        _output.Skip(MetaPages);

        // etcd since 3.4 writes none, but the bbolt of etcd 3.1 cannot do without one.
        _freelist = _output.Begin(BoltFormat.FreelistFlag, 0, BoltFormat.PageHeaderSize);
        _output.End();
        _open.Push(([], new BoltTree(_output)));
    }

    /// <summary>Bytes of the database so far.</summary>
    public long Length => (long)_output.NextPage * _output.PageSize;

    /// <summary>Begins a bucket, within the one that is open. Its name is above all keys before it there.</summary>
    public void BeginBucket(ReadOnlySpan<byte> name) => _open.Push((name.ToArray(), new BoltTree(_output)));

    /// <summary>Adds an entry to the open bucket. Its key is above all keys before it there.</summary>
    public void Add(ReadOnlySpan<byte> key, BoltValue value) => _open.Peek().Tree.Add(0, key, value);

    /// <summary>Ends the open bucket.</summary>
    public void EndBucket()
    {
        var (name, tree) = _open.Pop();
        var value = tree.FinishInline();
        if (value is null)
        {
            value = new byte[BoltFormat.BucketHeaderSize];
            BinaryPrimitives.WriteUInt64LittleEndian(value, tree.Finish());
        }

        _open.Peek().Tree.Add(BoltFormat.BucketElementFlag, name, BoltValue.Of(value));
    }

    /// <summary>Writes what is left. All buckets have ended.</summary>
    public void Finish()
    {
        var root = _open.Pop().Tree.Finish();
        var metas = new byte[MetaPages * _output.PageSize];
        for (ulong i = 0; i < MetaPages; i++)
        {
            // The page of a transaction is its number modulo 2 (meta.go, Write).
            var page = metas.AsSpan((int)i * _output.PageSize);
            new BoltPageHeader(i, BoltFormat.MetaFlag, 0, 0).Write(page);
            new BoltMeta(_output.PageSize, root, _freelist, _output.NextPage, i).Write(page[BoltFormat.PageHeaderSize..]);
        }

        _output.Finish(metas);
    }
}
