using System.Security.Cryptography;
using CsCheck;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Snapshots;

/// <summary>What is written is read back by the walker, which checks every page, and by bbolt itself within etcd's tools.</summary>
public sealed class BoltWriterTests : IDisposable
{
    private static readonly int[] PageSizes = [512, 1024, 4096, 16384, 65536];

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Any_buckets_of_any_sizes_are_read_back() =>
        Gen.Select(Gen.Int[0, PageSizes.Length - 1], Gen.Int, Gen.Int[0, 6], Gen.Int[0, 400], Gen.Int[0, 3]).Sample(
            (size, seed, buckets, entries, scale) =>
            {
                var random = new Random(seed);
                var longestValue = (int)Math.Pow(20, scale + 1);
                CheckReadBack(PageSizes[size], [.. Enumerable.Range(0, buckets)
                    .SelectMany(b => Bucket(random, 0, $"b{b}", random.Next(entries + 1), longestValue))]);
            }, iter: 150, threads: 1);

    public static TheoryData<int, int, int> Counts()
    {
        var data = new TheoryData<int, int, int>();
        foreach (var pageSize in new[] { 512, 4096 })
        {
            // Around the borders of one page, of one branch, and of two levels of branches.
            foreach (var count in new[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 14, 15, 16, 17, 100, 101, 102, 103, 10_000, 60_000 })
            {
                data.Add(pageSize, count, 8);
            }

            foreach (var bytes in new[] { 0, 1, 200, 440, 470, 500, 960, 4000, 4040, 4060, 4080, 9_000, 65_000, 65_500, 65_536, 300_000 })
            {
                data.Add(pageSize, 9, bytes);
            }
        }

        data.Add(4096, 2, 20_000_000);
        return data;
    }

    [Theory]
    [MemberData(nameof(Counts))]
    public void So_many_keys_of_so_many_bytes_are_read_back(int pageSize, int count, int valueBytes)
    {
        var random = new Random(count + valueBytes);
        List<Piece> content = [new(0, "first"u8.ToArray(), null)];
        for (var i = 0; i < count; i++)
        {
            content.Add(new Piece(0, System.Text.Encoding.UTF8.GetBytes($"{i:d8}"), RandomBytes(random, valueBytes)));
        }

        CheckReadBack(pageSize, [.. content, new Piece(0, "second"u8.ToArray(), null), new Piece(0, [1], [2])]);
    }

    [Fact]
    public void The_longest_keys_that_bbolt_stores_are_read_back_from_branches_of_several_pages()
    {
        var random = new Random(4);
        var keys = Enumerable.Range(0, 60).Select(i => (byte[])[(byte)i, .. RandomBytes(random, BoltFormat.MaxKeySize - 1)]);
        CheckReadBack(512, [new Piece(0, "b"u8.ToArray(), null), .. keys.Select(k => new Piece(0, k, []))]);
    }

    [Fact]
    public void A_small_bucket_lies_within_its_parent_and_a_larger_one_has_a_page()
    {
        var first = Write(4096, [new Piece(0, "b"u8.ToArray(), null), new Piece(0, "k"u8.ToArray(), new byte[900])]);
        var second = Write(4096, [new Piece(0, "b"u8.ToArray(), null), new Piece(0, "k"u8.ToArray(), new byte[1100])]);
        Assert.Equal((5 * 4096) - 4096, new FileInfo(first).Length);
        Assert.Equal(5 * 4096, new FileInfo(second).Length);
    }

    [Fact]
    public void Full_pages_waste_little()
    {
        var entries = Enumerable.Range(0, 20_000).Select(i => new Piece(0, System.Text.Encoding.UTF8.GetBytes($"{i:d8}"), new byte[100]));
        var file = Write(4096, [new Piece(0, "b"u8.ToArray(), null), .. entries]);
        Assert.InRange(new FileInfo(file).Length, 20_000 * 124, 20_000 * 124 * 105 / 100);
    }

    [Fact]
    public void With_either_meta_page_damaged_the_other_tells_the_same()
    {
        Piece[] content = [new(0, "b"u8.ToArray(), null), new(0, "k"u8.ToArray(), "v"u8.ToArray())];
        foreach (var meta in new[] { 0, 1 })
        {
            var file = Write(4096, content);
            var bytes = File.ReadAllBytes(file);
            bytes[(meta * 4096) + 16 + 40] ^= 1;
            File.WriteAllBytes(file, bytes);
            CheckContent(file, content);
        }
    }

    [Theory]
    [InlineData("bookworm", "etcdctl")]
    [InlineData("trixie", "etcdutl")]
    [InlineData("forky", "etcdutl")]
    public async Task Etcds_own_tools_read_it(string suite, string tool)
    {
        var random = new Random(7);
        var file = Write(4096, [.. Enumerable.Range(0, 9).SelectMany(b => Bucket(random, 0, $"b{b}", b * b * b * 30, 3000, nests: false))]);
        var digest = SHA256.HashData(await File.ReadAllBytesAsync(file));
        await File.AppendAllBytesAsync(file, digest);
        var status = await ChildProcess.RunAsync(
            "env", "ETCDCTL_API=3", Workspace.EtcdTool(suite, tool), "snapshot", "status", file, "-w", "json");

        // The tool's hash is that of every bucket, key and value, in order.
        Assert.Contains($"\"hash\":{SnapshotInspector.InspectStatus(file).StatusHash},", status, StringComparison.Ordinal);
    }

    private void CheckReadBack(int pageSize, Piece[] content)
    {
        var file = Write(pageSize, content);
        CheckContent(file, content);
        var again = Write(pageSize, content);
        Assert.True(File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(again)), "the same content gave other bytes");
        File.Delete(file);
        File.Delete(again);
    }

    // The walker also checks that no page is lost, used twice or out of order.
    private static void CheckContent(string file, Piece[] content)
    {
        using var bolt = BoltFile.Open(file);
        var found = new Comparison(content);
        new BoltWalker(bolt, found, 0, default).Walk();
        Assert.Equal(content.Length, found.Count);
    }

    private string Write(int pageSize, Piece[] content)
    {
        var path = _scratch[Guid.NewGuid().ToString("N")];
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
        var writer = new BoltWriter(file, pageSize);
        var depth = -1;
        foreach (var piece in content)
        {
            if (piece.Value is { } value)
            {
                for (; depth > piece.Depth; depth--)
                {
                    writer.EndBucket();
                }

                writer.Add(piece.Key, BoltValue.Of(value));
                continue;
            }

            for (; depth >= piece.Depth; depth--)
            {
                writer.EndBucket();
            }

            writer.BeginBucket(piece.Key);
            depth++;
        }

        for (; depth >= 0; depth--)
        {
            writer.EndBucket();
        }

        writer.Finish();
        Assert.Equal(writer.Length, RandomAccess.GetLength(file));
        return path;
    }

    // A bucket with entries, and buckets among them.
    private static IEnumerable<Piece> Bucket(Random random, int depth, string name, int entries, int longestValue, bool nests = true)
    {
        yield return new Piece(depth, System.Text.Encoding.UTF8.GetBytes(name), null);
        var budget = 4_000_000;
        for (var i = 0; i < entries && budget > 0; i++)
        {
            if (nests && depth < 3 && random.Next(40) == 0)
            {
                foreach (var piece in Bucket(random, depth + 1, $"{i:d6}", random.Next(20), longestValue))
                {
                    yield return piece;
                }

                continue;
            }

            var value = RandomBytes(random, random.Next(10) == 0 ? random.Next(longestValue + 1) : random.Next(40));
            budget -= value.Length;
            yield return new Piece(
                depth, [.. System.Text.Encoding.UTF8.GetBytes($"{i:d6}"), .. RandomBytes(random, random.Next(30))], value);
        }
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A bucket (without a value) of this depth, or an entry of a bucket of this depth.</summary>
    private sealed record Piece(int Depth, byte[] Key, byte[]? Value);

    private sealed class Comparison(Piece[] content) : IBoltVisitor
    {
        public int Count { get; private set; }

        public void Bucket(ReadOnlySpan<byte> name, int depth)
        {
            var expected = content[Count++];
            Assert.True(expected.Value is null && expected.Depth == depth && name.SequenceEqual(expected.Key), $"bucket {Count - 1}");
        }

        public void Entry(ReadOnlySpan<byte> key, BoltValue value)
        {
            var expected = content[Count++];
            Assert.True(key.SequenceEqual(expected.Key), $"key {Count - 1}");
            Assert.True(value.ToArray(int.MaxValue).AsSpan().SequenceEqual(expected.Value), $"value {Count - 1}");
        }
    }
}
