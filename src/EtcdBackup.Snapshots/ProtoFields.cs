namespace EtcdBackup.Snapshots;

/// <summary>
/// Reads the fields of a protobuf message one after the other (protobuf.dev, Encoding). A few messages of etcd are read here: its
/// generated classes would bring all of gRPC along.
/// </summary>
internal ref struct ProtoFields(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The field's number times 8, and its type: 0 a number, 2 bytes.</summary>
    public ulong Tag { get; private set; }

    /// <summary>Its value, if it is a number.</summary>
    public ulong Number { get; private set; }

    /// <summary>Its value, if it is text or bytes.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Bytes after the field.</summary>
    public readonly int Left => _rest.Length;

    /// <summary>Goes to the next field.</summary>
    /// <exception cref="FormatException">The message is broken.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        Tag = Varint();
        if (Tag is < 8 or > uint.MaxValue)
        {
            throw new FormatException($"there is no field {Tag >> 3}");
        }

        switch (Tag & 7)
        {
            case 0:
                Number = Varint();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                Bytes = Take(Varint());
                break;
            case 5:
                Take(4);
                break;
            default:
                throw new FormatException($"field {Tag >> 3} has the type {Tag & 7}");
        }

        return true;
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("a number has more than ten bytes");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
        {
            throw new FormatException("it ends in the middle of a field");
        }

        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
