using System.Numerics;
using System.Runtime.InteropServices;

namespace EtcdBackup.Snapshots;

/// <summary>CRC-32 with the Castagnoli polynomial, as Go's hash/crc32 computes it; the processor has an instruction for it.</summary>
internal struct Crc32C()
{
    private uint _state = uint.MaxValue;

    public readonly uint Value => ~_state;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var state = _state;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            state = BitOperations.Crc32C(state, word);
        }

        foreach (var b in bytes[(words.Length * sizeof(ulong))..])
        {
            state = BitOperations.Crc32C(state, b);
        }

        _state = state;
    }
}
