using System.Security.Cryptography;
using CsCheck;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Tests.Snapshots;

public class SnapshotDigestTests
{
    [Fact]
    public void However_the_stream_is_cut_the_digest_is_that_of_the_database() =>
        Gen.Select(Gen.Int[1, 8], Gen.Int[1, 700].Array[1, 200]).Sample((pages, cuts) =>
        {
            var snapshot = Snapshot(pages);
            using var digest = new SnapshotDigest();
            var (at, i) = (0, 0);
            while (at < snapshot.Length)
            {
                var count = Math.Min(cuts[i++ % cuts.Length], snapshot.Length - at);
                digest.Append(snapshot.AsSpan(at, count));
                at += count;
            }

            return digest.Finish() == Convert.ToHexStringLower(snapshot.AsSpan(^32..)) && digest.Length == snapshot.Length;
        });

    [Fact]
    public void Any_flipped_bit_is_found() => Gen.Select(Gen.Int[0, 1023 + 32], Gen.Int[0, 7]).Sample((at, bit) =>
    {
        var snapshot = Snapshot(2);
        snapshot[at] ^= (byte)(1 << bit);
        using var digest = new SnapshotDigest();
        digest.Append(snapshot);
        Assert.Throws<SnapshotCorruptException>(digest.Finish);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(1024)]
    [InlineData(1055)]
    public void A_stream_cut_short_is_found(int length)
    {
        using var digest = new SnapshotDigest();
        digest.Append(Snapshot(2).AsSpan(0, length));
        Assert.Throws<SnapshotCorruptException>(digest.Finish);
    }

    private static byte[] Snapshot(int pages)
    {
        var bytes = new byte[(pages * 512) + 32];
        new Random(pages).NextBytes(bytes.AsSpan(0, pages * 512));
        SHA256.HashData(bytes.AsSpan(0, pages * 512), bytes.AsSpan(pages * 512));
        return bytes;
    }
}
