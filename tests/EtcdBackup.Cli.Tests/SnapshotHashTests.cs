using System.Security.Cryptography;
using CsCheck;
using EtcdBackup.Cli.Downloading;

namespace EtcdBackup.Cli.Tests;

public class SnapshotHashTests
{
    [Fact]
    public void However_the_bytes_come_the_last_32_are_kept_apart() =>
        Gen.Byte.Array[0, 100].Array[0, 8].Sample(pieces =>
        {
            using var hash = new SnapshotHash();
            foreach (var piece in pieces)
            {
                hash.Append(piece);
            }

            var all = pieces.SelectMany(p => p).ToArray();
            var body = all[..Math.Max(0, all.Length - 32)];
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(body)), hash.Digest);
            Assert.Equal(Convert.ToHexStringLower(all.AsSpan(body.Length)), hash.Trailer);
        });
}
