using System.Text;

namespace EtcdBackup.Snapshots.Log;

/// <summary>
/// Writes the fields of protobuf messages one after the other, as etcd does: in the order of their numbers, and what is zero or empty is
/// left out. So the same content has the same bytes.
/// </summary>
internal sealed class ProtoOutput
{
    private const int LongestVarint = 10;

    private const int Smallest = 1024;

    private byte[] _bytes = new byte[Smallest];

    /// <summary>Bytes so far.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Bytes of a field of type 2 whose number is below 16.</summary>
    public static int SizeOf(int length) => 1 + VarintSize((ulong)length) + length;

    /// <summary>A number, unless it is 0.</summary>
    public void Number(int field, ulong value)
    {
        if (value != 0)
        {
            Varint((ulong)field << 3);
            Varint(value);
        }
    }

    /// <summary>Bytes, unless there are none.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        if (value.Length > 0)
        {
            Message(field, value);
        }
    }

    /// <summary>Text, unless it is empty.</summary>
    public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A message, also an empty one.</summary>
    public void Message(int field, ReadOnlySpan<byte> value)
    {
        Begin(field, value.Length);
        Raw(value);
    }

    /// <summary>Begins a field of so many bytes, which are written next.</summary>
    public void Begin(int field, int length)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)length);
    }

    /// <summary>Bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        Grow(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>Forgets what was written after so many bytes.</summary>
    public void Truncate(int length) => Length = Math.Min(length, Length);

    /// <summary>Forgets all, and gives back memory of which little was used.</summary>
    public void Empty()
    {
        _bytes = Length < _bytes.Length / 4 ? new byte[Smallest] : _bytes;
        Length = 0;
    }

    private static int VarintSize(ulong value)
    {
        var size = 1;
        for (; value >= 0x80; value >>= 7)
        {
            size++;
        }

        return size;
    }

    private void Varint(ulong value)
    {
        Grow(LongestVarint);
        for (; value >= 0x80; value >>= 7)
        {
            _bytes[Length++] = (byte)(value | 0x80);
        }

        _bytes[Length++] = (byte)value;
    }

    private void Grow(int more)
    {
        var needed = checked(Length + more);
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, _bytes.Length * 2L)));
        }
    }
}
