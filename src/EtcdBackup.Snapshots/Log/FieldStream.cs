using System.Globalization;

namespace EtcdBackup.Snapshots.Log;

/// <summary>Reads the outermost fields of a message of any length, one after the other. One field is in memory.</summary>
internal sealed class FieldStream(Stream stream)
{
    private const int Smallest = 256 * 1024;
    private const int LongestTagAndLength = 20;

    // A writer begins another batch after 1 MiB; an event alone may be larger.
    private const int LargestField = 128 * 1024 * 1024;

    private byte[] _buffer = new byte[Smallest];
    private int _start;
    private int _end;
    private int _payload;
    private int _next;
    private long _before;

    /// <summary>The field's number times 8, and its type.</summary>
    public ulong Tag { get; private set; }

    /// <summary>The field's bytes, if it is text, bytes or a message. They stay until the next field.</summary>
    public ReadOnlySpan<byte> Payload => _buffer.AsSpan(_payload, _next - _payload);

    /// <summary>All bytes of the field.</summary>
    public ReadOnlySpan<byte> Raw => _buffer.AsSpan(_start, _next - _start);

    /// <summary>Where the field begins.</summary>
    public long Offset => _before + _start;

    /// <summary>Goes to the next field.</summary>
    /// <exception cref="FormatException">There is none, and the end neither.</exception>
    public bool Next()
    {
        _start = _next;
        if (Fill(LongestTagAndLength) == 0)
        {
            return false;
        }

        var at = _start;
        Tag = Varint(ref at);
        var length = (Tag & 7) switch
        {
            0 => NumberSize(at),
            1 => 8UL,
            2 => Varint(ref at),
            5 => 4UL,
            _ => throw new FormatException(At($"field {Tag >> 3} has the type {Tag & 7}")),
        };
        if (length > LargestField)
        {
            throw new FormatException(At($"a field of {length} bytes"));
        }

        var head = at - _start;
        if (Fill(head + (int)length) < head + (int)length)
        {
            throw new FormatException(At("it ends in the middle of a field"));
        }

        (_payload, _next) = (_start + head, _start + head + (int)length);
        return true;
    }

    private ulong NumberSize(int at)
    {
        var end = at;
        _ = Varint(ref end);
        return (ulong)(end - at);
    }

    private ulong Varint(ref int at)
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (at >= _end)
            {
                throw new FormatException(At("it ends in the middle of a field"));
            }

            var next = _buffer[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new FormatException(At("a number has more than ten bytes"));
    }

    // Brings so many bytes from the field's beginning into memory, if there are so many; tells how many there are.
    private int Fill(int count)
    {
        if (_end - _start >= count)
        {
            return _end - _start;
        }

        if (_start + count > _buffer.Length)
        {
            var buffer = count > _buffer.Length ? new byte[Math.Max(count, _buffer.Length * 2)] : _buffer;
            _buffer.AsSpan(_start, _end - _start).CopyTo(buffer);
            _before += _start;
            (_buffer, _end, _start) = (buffer, _end - _start, 0);
        }

        _end += stream.ReadAtLeast(_buffer.AsSpan(_end), count - (_end - _start), throwOnEndOfStream: false);
        return _end - _start;
    }

    private string At(string what) => string.Create(CultureInfo.InvariantCulture, $"byte {Offset}: {what}");
}
