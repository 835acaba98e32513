using EtcdBackup.Snapshots.Files;
using Microsoft.Win32.SafeHandles;

namespace EtcdBackup.Snapshots.Bolt;

/// <summary>
/// Writes pages one after the other. Their ids are given out in the order of writing, so nothing of the file is kept in memory.
/// </summary>
/// <param name="file">The file, which is empty.</param>
/// <param name="pageSize">Bytes of a page.</param>
internal sealed class BoltOutput(SafeFileHandle file, int pageSize)
{
    private const int BufferSize = 1024 * 1024;

    private readonly byte[] _buffer = new byte[BufferSize];
    private int _buffered;
    private long _written;

    /// <summary>Bytes of a page.</summary>
    public int PageSize => pageSize;

    /// <summary>The page that is written next.</summary>
    public ulong NextPage { get; private set; }

    /// <summary>Begins a page, with as many overflow pages as its bytes need.</summary>
    /// <returns>Its id.</returns>
    public ulong Begin(ushort flags, int count, long bytes)
    {
        var id = NextPage;
        var pages = (bytes + pageSize - 1) / pageSize;
        NextPage += (ulong)pages;
        Span<byte> header = stackalloc byte[BoltFormat.PageHeaderSize];
        new BoltPageHeader(id, flags, checked((ushort)count), checked((uint)(pages - 1))).Write(header);
        Append(header);
        return id;
    }

    /// <summary>Goes on with the page that began last.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_buffered == BufferSize)
            {
                Flush();
            }

            var part = bytes[..Math.Min(bytes.Length, BufferSize - _buffered)];
            part.CopyTo(_buffer.AsSpan(_buffered));
            _buffered += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    /// <summary>Fills the rest of the page with zeros: the same content gives the same bytes.</summary>
    public void End()
    {
        var rest = ((long)NextPage * pageSize) - _written - _buffered;
        while (rest > 0)
        {
            if (_buffered == BufferSize)
            {
                Flush();
            }

            var part = (int)Math.Min(rest, BufferSize - _buffered);
            _buffer.AsSpan(_buffered, part).Clear();
            _buffered += part;
            rest -= part;
        }
    }

    /// <summary>Leaves room for pages that are written last.</summary>
    public void Skip(int pages)
    {
        NextPage += (ulong)pages;
        End();
    }

    /// <summary>Gives all to the system, and then writes the pages at the beginning, which tell where the others are.</summary>
    public void Finish(ReadOnlySpan<byte> beginning)
    {
        Flush();
        Write(beginning, 0);
    }

    private void Flush()
    {
        Write(_buffer.AsSpan(0, _buffered), _written);
        _written += _buffered;
        _buffered = 0;
    }

    private void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(file, bytes, offset);
        }
        catch (IOException e)
        {
            throw new SnapshotTargetException(e.Message, e);
        }
    }
}
