using CsCheck;
using EtcdBackup.Snapshots;

namespace EtcdBackup.Tests.Snapshots;

public class Crc32CTests
{
    [Fact]
    public void It_is_the_checksum_of_the_specification()
    {
        var crc = new Crc32C();
        crc.Append("123456789"u8);
        Assert.Equal(0xE3069283, crc.Value); // RFC 3720, B.4, and the catalogue of parametrised CRC algorithms
    }

    [Fact]
    public void However_the_bytes_come_and_wherever_they_lie_it_is_what_the_definition_says() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[0, 16], Gen.Int[0, 300]).Sample((bytes, from, split) =>
        {
            var all = bytes.AsSpan(Math.Min(from, bytes.Length));
            var (first, rest) = (all[..Math.Min(split, all.Length)].ToArray(), all[Math.Min(split, all.Length)..].ToArray());
            var (pieces, other, read, moved) = (new Crc32C(), new Crc32C(), new Crc32C(0), new Crc32C());
            pieces.Append(first);
            other.Append("other"u8);
            Crc32C.AppendToBoth(ref pieces, ref other, rest);
            Assert.Equal(Defined(all), pieces.Value);
            Assert.Equal(Defined([.. "other"u8, .. rest]), other.Value);

            // As if it had been read before, by itself.
            moved.Append(first);
            read.Append(rest);
            moved.Append(read.State, Crc32C.Move(rest.Length));
            Assert.Equal(Defined(all), moved.Value);
        });

    [Theory]
    [InlineData(0, 0x80000000)]
    [InlineData(1, 0x00800000)]
    [InlineData(3, 0x00000080)]
    public void A_move_by_few_bytes_is_a_power_of_x(long bytes, uint expected) => Assert.Equal(expected, Crc32C.Move(bytes));

    [Fact]
    public void A_move_by_many_bytes_is_one_after_the_other()
    {
        var (far, near) = (new Crc32C(123), new Crc32C(123));
        far.Append(0, Crc32C.Move((5L << 32) + 17));
        near.Append(0, Crc32C.Move(17));
        for (var i = 0; i < 5; i++)
        {
            near.Append(0, Crc32C.Move(1L << 32));
        }

        Assert.Equal(near.State, far.State);
    }

    // Bit by bit.
    private static uint Defined(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82F63B78;
            }
        }

        return ~crc;
    }
}
