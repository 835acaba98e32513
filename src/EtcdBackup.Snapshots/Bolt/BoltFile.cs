using System.Buffers;
using EtcdBackup.Snapshots.Files;
using Microsoft.Win32.SafeHandles;

namespace EtcdBackup.Snapshots.Bolt;

/// <summary>
/// A bbolt file, read page by page with positional reads: memory stays small whatever the file's size, and a file that shrinks
/// meanwhile is an error and not a crash. Nothing that the file says is trusted. For one thread at a time.
/// </summary>
internal sealed class BoltFile : IDisposable
{
    // Larger ones leave the processor's cache before they are used.
    private const int WindowSize = 256 * 1024;

    private readonly SafeFileHandle _file;
    private readonly byte[] _window = ArrayPool<byte>.Shared.Rent(WindowSize);
    private long _windowFrom;
    private int _windowLength;
    private long _lastEnd;

    private BoltFile(SafeFileHandle file, long length, BoltMeta meta)
    {
        _file = file;
        Length = length;
        Meta = meta;
    }

    /// <summary>Bytes of the database, without etcd's digest behind it.</summary>
    public long Length { get; }

    public BoltMeta Meta { get; }

    public int PageSize => Meta.PageSize;

    /// <summary>Opens the file and finds its sound meta page.</summary>
    /// <param name="path">The file.</param>
    /// <param name="share">Who else may have it open; for writing only who is sure that nothing is written any more.</param>
    /// <exception cref="SnapshotCorruptException">There is none, or the file is shorter than it says.</exception>
    public static BoltFile Open(string path, FileShare share = FileShare.Read)
    {
        var file = File.OpenHandle(path, share: share, options: FileOptions.RandomAccess);
        try
        {
            var length = RandomAccess.GetLength(file);
            length -= length % BoltFormat.MinPageSize == SnapshotDigest.TrailerSize ? SnapshotDigest.TrailerSize : 0;
            var meta = FindMeta(file, length);
            if (meta.HighWater < 3 || meta.HighWater > (ulong)(length / meta.PageSize))
            {
                throw new SnapshotCorruptException(
                    $"meta page: the database has {meta.HighWater} pages of {meta.PageSize} bytes, the file {length} bytes");
            }

            return new BoltFile(file, length, meta);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Fills the span from the given place.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        var at = offset - _windowFrom;
        if (at < 0 || at + destination.Length > _windowLength)
        {
            // Pages mostly lie in the order in which they are asked for: a call for each would cost more than what is done with it.
            var isNext = offset - _lastEnd is >= 0 and < WindowSize;
            if (!isNext || destination.Length > WindowSize / 4 || offset + destination.Length > Length)
            {
                _lastEnd = offset + destination.Length;
                Read(_file, offset, destination);
                return;
            }

            var length = (int)Math.Min(WindowSize, Length - offset);
            _windowLength = 0;
            Read(_file, offset, _window.AsSpan(0, length));
            (_windowFrom, _windowLength, at) = (offset, length, 0);
        }

        _lastEnd = offset + destination.Length;
        _window.AsSpan((int)at, destination.Length).CopyTo(destination);
    }

    /// <summary>Checks that a page may exist, and reads its header from its first bytes.</summary>
    public BoltPageHeader Header(ulong id, ReadOnlySpan<byte> page)
    {
        var header = BoltPageHeader.Read(page);
        if (header.Id != id)
        {
            throw Corrupt(id, $"it says that it is page {header.Id}");
        }

        return header.Overflow >= Meta.HighWater - id
            ? throw Corrupt(id, $"its {header.Overflow} overflow pages reach beyond the last page {Meta.HighWater - 1}")
            : header;
    }

    public static SnapshotCorruptException Corrupt(ulong page, string reason) => new($"page {page}: {reason}");

    public void Dispose()
    {
        if (!_file.IsClosed)
        {
            ArrayPool<byte>.Shared.Return(_window);
            _file.Dispose();
        }
    }

    private static BoltMeta FindMeta(SafeFileHandle file, long length)
    {
        var first = MetaAt(file, 0, length);

        // Where the second is depends on the page size, which only a sound first one tells; else each size is tried.
        BoltMeta? best = first;
        for (long size = BoltFormat.MinPageSize; size <= BoltFormat.MaxPageSize; size *= 2)
        {
            if ((first is null || first.Value.PageSize == size) && MetaAt(file, size, length) is { } second && second.PageSize == size &&
                (best is null || second.TransactionId > best.Value.TransactionId))
            {
                best = second;
            }
        }

        return best ?? throw new SnapshotCorruptException(
            "page 0 and 1: no sound meta page: this is no bbolt database, or both are damaged");
    }

    private static BoltMeta? MetaAt(SafeFileHandle file, long offset, long length)
    {
        if (length < offset + BoltFormat.PageHeaderSize + BoltFormat.MetaSize)
        {
            return null;
        }

        Span<byte> page = stackalloc byte[BoltFormat.PageHeaderSize + BoltFormat.MetaSize];
        Read(file, offset, page);
        return BoltMeta.Read(page[BoltFormat.PageHeaderSize..]);
    }

    private static void Read(SafeFileHandle file, long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var count = RandomAccess.Read(file, destination, offset);
            if (count == 0)
            {
                throw new SnapshotCorruptException($"the file ends at byte {offset}, in the middle of a page");
            }

            offset += count;
            destination = destination[count..];
        }
    }
}
