using System.IO.Compression;
using CsCheck;
using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Files;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Snapshots;

public sealed class BoltFileTests : IDisposable
{
    private const int Behind = 1024 * 1024;

    private readonly ScratchDirectory _scratch = new();
    private readonly byte[] _bytes;

    // A database, and more than one window of bytes behind it.
    public BoltFileTests()
    {
        var recorded = Path.Combine(Workspace.Root, "tests/EtcdBackup.Tests/Snapshots/Versions/etcd-3.6.14-mixed.backup.gz");
        using var database = new MemoryStream();
        using (var packed = new GZipStream(File.OpenRead(recorded), CompressionMode.Decompress))
        {
            packed.CopyTo(database);
        }

        database.SetLength(database.Length - SnapshotDigest.TrailerSize);
        database.Position = database.Length;
        var behind = new byte[Behind];
        new Random(1).NextBytes(behind);
        database.Write(behind);
        _bytes = database.ToArray();
        File.WriteAllBytes(_scratch["a.db"], _bytes);
    }

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Whatever_was_read_before_what_is_read_are_the_bytes_of_the_place() =>
        Gen.Select(Gen.Int[0, 1_100_000], Gen.Int[-300_000, 300_000].Array[1, 60], Gen.Int[0, 90_000].Array[60]).Sample(
            (start, steps, lengths) =>
            {
                using var file = BoltFile.Open(_scratch["a.db"]);
                var offset = start;
                foreach (var (step, length) in steps.Zip(lengths))
                {
                    // Mostly onwards, by a little: as pages are read.
                    offset = Math.Clamp(offset + (step > -100_000 ? Math.Abs(step) / 20 : step), 0, _bytes.Length);
                    var read = new byte[Math.Min(length / (1 + (Math.Abs(step) % 9)), _bytes.Length - offset)];
                    file.Read(offset, read);
                    Assert.True(_bytes.AsSpan(offset, read.Length).SequenceEqual(read));
                    offset += read.Length;
                }
            }, iter: 300);

    [Fact]
    public async Task A_file_that_shrinks_meanwhile_is_told()
    {
        using var file = BoltFile.Open(_scratch["a.db"]);
        await ChildProcess.RunAsync("truncate", "-s", "8192", _scratch["a.db"]);
        Assert.Contains(
            "the file ends at byte 8192", Assert.Throws<SnapshotCorruptException>(() => file.Read(8192, new byte[4096])).Message,
            StringComparison.Ordinal);
    }
}
