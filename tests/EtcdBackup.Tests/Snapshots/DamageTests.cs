using System.Buffers.Binary;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Files;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Snapshots;

public sealed class SmallSnapshot : IAsyncLifetime
{
    /// <summary>A real snapshot with branch pages, overflow pages, inline buckets, free pages, leases and auth.</summary>
    public byte[] Bytes { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        using var scratch = new ScratchDirectory();
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutManyAsync("/a", 400, 40);
        await etcd.PutAsync("/large", 2, 20_000);
        await etcd.CtlAsync("del", "--prefix", "/a/3");
        await etcd.CtlAsync("compact", "--physical", "4");
        await etcd.CtlAsync("lease", "grant", "3600");
        await etcd.EnableAuthAsync("secret");
        await SnapshotInspectorTests.SaveAsync(etcd, scratch["snapshot"]);
        Bytes = await File.ReadAllBytesAsync(scratch["snapshot"]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>No damage may crash, hang or fill the memory; and none passes the digest.</summary>
public sealed class DamageTests(SmallSnapshot small) : IClassFixture<SmallSnapshot>, IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Ten_thousand_mutations_end_in_a_report_or_in_a_reason()
    {
        var random = new Random(20261124);
        var (sound, refused) = (0, 0);
        for (var i = 0; i < 10_000; i++)
        {
            var (bytes, what) = Mutation.Of(small.Bytes, random);
            if (!bytes.AsSpan().SequenceEqual(small.Bytes))
            {
                using var digest = new SnapshotDigest();
                digest.Append(bytes);
                Assert.Throws<SnapshotCorruptException>(digest.Finish);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Inspect(bytes);
                sound++;
            }
            catch (SnapshotCorruptException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"mutation {i} ({what}): {e}");
            }

            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 32 * 1024 * 1024, $"mutation {i} ({what}) allocated too much");
        }

        // Free pages and values may change without a trace in the structure; most damage must not.
        Assert.True(refused > 4000, $"{refused} refused, {sound} not");
    }

    [Fact]
    public void A_page_in_a_cycle_is_found()
    {
        var bytes = (byte[])small.Bytes.Clone();
        var branch = Pages(bytes).First(p => p.Header.Flags == BoltFormat.BranchFlag && Reachable(bytes).Contains(p.Id));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan((int)(branch.Id * 4096) + 16 + 8), branch.Id);
        Assert.Contains("referred to twice", Assert.Throws<SnapshotCorruptException>(() => Inspect(bytes)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_that_two_parents_share_is_found()
    {
        var bytes = (byte[])small.Bytes.Clone();
        var branch = Pages(bytes).First(p => p.Header.Flags == BoltFormat.BranchFlag && Reachable(bytes).Contains(p.Id));
        var elements = bytes.AsSpan((int)(branch.Id * 4096) + 16);
        elements.Slice(8, 8).CopyTo(elements[(16 + 8)..]);
        Assert.Contains("referred to twice", Assert.Throws<SnapshotCorruptException>(() => Inspect(bytes)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(12, 4096, "lies outside")] // a value that is too long for its page
    [InlineData(8, 40_000, "lies outside")] // a key too long for any
    [InlineData(4, 0, "overlaps")] // data that begins at its own element
    public void Data_outside_its_page_or_over_other_data_is_found(int field, uint value, string reason)
    {
        var bytes = (byte[])small.Bytes.Clone();
        var reachable = Reachable(bytes);
        var leaf = Pages(bytes).First(p => p.Header is { Flags: BoltFormat.LeafFlag, Overflow: 0, Count: > 3 } && reachable.Contains(p.Id));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((int)(leaf.Id * 4096) + 16 + ((leaf.Header.Count - 1) * 16) + field), value);
        var e = Assert.Throws<SnapshotCorruptException>(() => Inspect(bytes));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.StartsWith($"page {leaf.Id}:", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_one_damaged_meta_page_the_other_is_used_and_with_none_it_says_so()
    {
        var bytes = (byte[])small.Bytes.Clone();
        bytes[16 + 40] ^= 1;
        Inspect(bytes);
        bytes[4096 + 16 + 40] ^= 1;
        Assert.Contains("no sound meta page", Assert.Throws<SnapshotCorruptException>(() => Inspect(bytes)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_freelist_in_the_file_is_checked_against_the_pages_in_use()
    {
        var reachable = Reachable(small.Bytes);
        var pages = (ulong)(small.Bytes.Length / 4096);
        var free = Enumerable.Range(2, (int)pages - 2).Select(i => (ulong)i).Where(i => !reachable.Contains(i)).ToArray();
        Inspect(WithFreelist(free));
        Assert.Contains("neither used nor free", Assert.Throws<SnapshotCorruptException>(() => Inspect(WithFreelist(free[1..]))).Message,
            StringComparison.Ordinal);
        Assert.Contains("referred to twice",
            Assert.Throws<SnapshotCorruptException>(() => Inspect(WithFreelist([.. free, reachable.Max()]))).Message,
            StringComparison.Ordinal);
        Assert.Contains("pages go from 2",
            Assert.Throws<SnapshotCorruptException>(() => Inspect(WithFreelist([.. free, 1UL << 40]))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(79)]
    [InlineData(4096)]
    public void A_file_too_short_for_anything_is_refused(int length) =>
        Assert.Throws<SnapshotCorruptException>(() => Inspect(small.Bytes[..length]));

    // The database with one page more, that lists the free ones, as bbolt writes it unless told not to.
    private byte[] WithFreelist(ulong[] free)
    {
        var database = small.Bytes.AsSpan(..^32);
        var list = (ulong)(database.Length / 4096);
        var bytes = new byte[database.Length + 4096 + 32];
        database.CopyTo(bytes);
        var page = bytes.AsSpan(database.Length, 4096);
        BinaryPrimitives.WriteUInt64LittleEndian(page, list);
        BinaryPrimitives.WriteUInt16LittleEndian(page[8..], BoltFormat.FreelistFlag);
        BinaryPrimitives.WriteUInt16LittleEndian(page[10..], (ushort)free.Length);
        for (var i = 0; i < free.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(page[(16 + (i * 8))..], free[i]);
        }

        foreach (var meta in new[] { 16, 4096 + 16 })
        {
            var m = bytes.AsSpan(meta, 64);
            BinaryPrimitives.WriteUInt64LittleEndian(m[32..], list);
            BinaryPrimitives.WriteUInt64LittleEndian(m[40..], list + 1);
            Mutation.FixMeta(m);
        }

        return bytes;
    }

    private static IEnumerable<(ulong Id, BoltPageHeader Header)> Pages(byte[] bytes) =>
        Enumerable.Range(2, (bytes.Length / 4096) - 2).Select(i => ((ulong)i, BoltPageHeader.Read(bytes.AsSpan(i * 4096))));

    // By hand and naively, so that it can tell the walker wrong.
    private static HashSet<ulong> Reachable(byte[] bytes)
    {
        var metas = new[] { 16, 4096 + 16 }.Select(at => BoltMeta.Read(bytes.AsSpan(at, 64))).OfType<BoltMeta>();
        var seen = new HashSet<ulong>();
        Visit(metas.MaxBy(m => m.TransactionId).Root);
        return seen;

        void Visit(ulong id)
        {
            var page = bytes.AsMemory((int)id * 4096);
            var header = BoltPageHeader.Read(page.Span);
            for (ulong i = 0; i <= header.Overflow; i++)
            {
                seen.Add(id + i);
            }

            for (var i = 0; i < header.Count; i++)
            {
                var element = page[(16 + (i * 16))..];
                if (header.Flags == BoltFormat.BranchFlag)
                {
                    Visit(BinaryPrimitives.ReadUInt64LittleEndian(element.Span[8..]));
                }
                else if (BinaryPrimitives.ReadUInt32LittleEndian(element.Span) == BoltFormat.BucketElementFlag)
                {
                    var value = element[(int)(
                        BinaryPrimitives.ReadUInt32LittleEndian(element.Span[4..]) +
                        BinaryPrimitives.ReadUInt32LittleEndian(element.Span[8..]))..];
                    if (BinaryPrimitives.ReadUInt64LittleEndian(value.Span) is not 0 and var root)
                    {
                        Visit(root);
                    }
                }
            }
        }
    }

    private SnapshotReport Inspect(byte[] bytes)
    {
        File.WriteAllBytes(_scratch["mutant"], bytes);
        return SnapshotInspector.InspectContent(_scratch["mutant"]);
    }
}
