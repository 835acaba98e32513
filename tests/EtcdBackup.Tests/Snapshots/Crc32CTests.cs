using CsCheck;
using EtcdBackup.Snapshots;

namespace EtcdBackup.Tests.Snapshots;

public class Crc32CTests
{
    // RFC 3720, appendix B.4
    [Fact]
    public void It_gives_the_known_answers()
    {
        Assert.Equal(0x8A9136AAu, Of(new byte[32]));
        Assert.Equal(0xE3069283u, Of("123456789"u8));
        Assert.Equal(0u, Of([]));
    }

    [Fact]
    public void However_the_bytes_are_cut_the_sum_is_the_same() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[0, 300]).Sample((bytes, cut) =>
    {
        var crc = new Crc32C();
        crc.Append(bytes.AsSpan(0, Math.Min(cut, bytes.Length)));
        crc.Append(bytes.AsSpan(Math.Min(cut, bytes.Length)));
        return crc.Value == Of(bytes);
    });

    private static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = new Crc32C();
        crc.Append(bytes);
        return crc.Value;
    }
}
