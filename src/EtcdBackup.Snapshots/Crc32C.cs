using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace EtcdBackup.Snapshots;

/// <summary>
/// CRC-32C (Castagnoli), by the processor's instruction where it has one. That needs three cycles for a result, and can begin one in each:
/// so a second checksum of the same bytes costs nothing.
/// </summary>
/// <param name="state">The checksum of what came before, inverted.</param>
internal struct Crc32C(uint state)
{
    private const uint Polynomial = 0x82F63B78;
    private const uint One = 1U << 31;

    // x to the power of 2, 4, 8 ...; with bits in reverse, as in the checksum, 1 is the highest bit and x the one below.
    private static readonly uint[] Powers = PowersOfX();

    /// <summary>Begins with nothing.</summary>
    public Crc32C()
        : this(uint.MaxValue)
    {
    }

    /// <summary>The checksum so far.</summary>
    public readonly uint Value => ~State;

    /// <summary>The same, inverted. From 0 on, it is what bytes add to any checksum before them.</summary>
    public uint State { get; private set; } = state;

    // Compiled in full at once: a short command would be over before the runtime found out that this is worth it.

    /// <summary>Takes the next bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Append(ReadOnlySpan<byte> bytes)
    {
        var state = State;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            state = BitOperations.Crc32C(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var b in bytes)
        {
            state = BitOperations.Crc32C(state, b);
        }

        State = state;
    }

    /// <summary>Takes the next bytes into two checksums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AppendToBoth(ref Crc32C first, ref Crc32C second, ReadOnlySpan<byte> bytes)
    {
        var (a, b) = (first.State, second.State);
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            a = BitOperations.Crc32C(a, word);
            b = BitOperations.Crc32C(b, word);
        }

        foreach (var last in bytes)
        {
            a = BitOperations.Crc32C(a, last);
            b = BitOperations.Crc32C(b, last);
        }

        (first.State, second.State) = (a, b);
    }

    /// <summary>Takes bytes that were read before.</summary>
    /// <param name="added">Their <see cref="State"/> from 0 on.</param>
    /// <param name="move">What <see cref="Move"/> says for their number.</param>
    public void Append(uint added, uint move) => State = Multiply(State, move) ^ added;

    /// <summary>The factor by which so many bytes behind it move a checksum: x to the power of their bits.</summary>
    public static uint Move(long bytes)
    {
        var product = One;
        for (var power = 3; bytes > 0; bytes >>= 1, power++)
        {
            product = (bytes & 1) == 0 ? product : Multiply(product, Powers[power]);
        }

        return product;
    }

    private static uint Multiply(uint a, uint b)
    {
        var product = 0U;
        for (; a != 0; a <<= 1)
        {
            product ^= b & (uint)-(int)(a >> 31);
            b = (b >> 1) ^ (Polynomial & (uint)-(int)(b & 1));
        }

        return product;
    }

    private static uint[] PowersOfX()
    {
        var powers = new uint[64];
        powers[0] = One >> 1;
        for (var i = 1; i < powers.Length; i++)
        {
            powers[i] = Multiply(powers[i - 1], powers[i - 1]);
        }

        return powers;
    }
}
