using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Log;
using EtcdBackup.Snapshots.Making;
using EtcdBackup.Testing;

namespace EtcdBackup.Cli.Tests;

/// <summary>Bases and logs that do not belong together, and corners that a real cluster seldom has.</summary>
public sealed partial class MakeProblemTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_gap_between_base_and_log_is_told()
    {
        var error = await Assert.ThrowsAsync<ChangeLogException>(() => MakeAsync(Base(2, 5), Log(7, 9), 8));
        Assert.Equal("the snapshot ends at revision 5, and the log begins at 7: those between are missing", error.Message);
        Assert.Throws<ChangeLogException>(() => Prove(Base(2, 5), Log(7, 9), 8));
        Assert.DoesNotContain(Directory.GetFiles(_scratch.Path), f => f.Contains("out", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_revision_after_the_end_of_the_log_is_told_with_those_that_are_there()
    {
        var error = await Assert.ThrowsAsync<RevisionNotInFileException>(() => MakeAsync(Base(2, 5), Log(6, 9), 10));
        Assert.Equal("revision 10 is not there: the snapshot goes to revision 5, and the log to 9", error.Message);
        await Assert.ThrowsAsync<RevisionNotInFileException>(() => MakeAsync(Base(2, 5), null, 6));
        await File.WriteAllBytesAsync(_scratch["empty"], []);
        await Assert.ThrowsAsync<RevisionNotInFileException>(() => MakeAsync(Base(2, 5), _scratch["empty"], 6));
    }

    [Fact]
    public async Task A_log_that_overlaps_the_base_is_taken_from_where_the_base_ends()
    {
        var made = await MakeAsync(Base(2, 5), Log(3, 9), 7);
        Assert.Equal((4, 2, 6, 9), (made.Kept, made.Added, made.LiveKeys, made.LastRevision));

        // Of the base alone, whatever the log is.
        File.Delete(_scratch["out"]);
        made = await MakeAsync(Base(2, 5), _scratch["no such log"], 4);
        Assert.Equal((3, 0, 5), (made.Kept, made.Added, made.LastRevision));
    }

    [Theory]
    [InlineData("other value", 1)]
    [InlineData("5", 2)]
    public async Task A_log_of_another_history_is_told(string value, int puts)
    {
        var writer = new SegmentWriter(5);
        writer.BeginBatch(1);
        for (var i = 0; i < puts; i++)
        {
            writer.Add(isDelete: false, Put(5, value: value));
        }

        writer.Add(isDelete: false, Put(6));
        writer.EndBatch();
        var log = Save(writer);
        var error = await Assert.ThrowsAsync<ChangeLogException>(() => MakeAsync(Base(2, 5), log, 6));
        Assert.Contains("is of another history than the snapshot: revision 5 is not the same", error.Message, StringComparison.Ordinal);

        // Compaction may have taken away what is missing.
        Assert.Equal(6, (await MakeAsync(Base(2, 5, compacted: 5), log, 6)).Revision);
    }

    [Fact]
    public async Task A_torn_log_is_refused_also_after_the_revision()
    {
        var log = Log(6, 9);
        await File.WriteAllBytesAsync(log, (await File.ReadAllBytesAsync(log))[..^5]);
        await Assert.ThrowsAsync<ChangeLogException>(() => MakeAsync(Base(2, 5), log, 6));
    }

    [Fact]
    public void HashKV_for_less_than_was_compacted_is_refused() =>
        Assert.Contains(
            "no HashKV for what was compacted up to 2",
            Assert.Throws<RevisionNotInFileException>(() => SnapshotMaker.Prove(Base(2, 5, compacted: 3), [], 4, 2, default)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void With_more_entries_than_fit_in_memory_it_is_walked_again()
    {
        var (source, log) = (Base(2, 5), Log(4, 40));
        using var file = BoltFile.Open(source);
        var merged = new MergedContent(file, SnapshotInspector.Inspect(source), [log], 30, default);
        Assert.Equal(Prove(source, log, 30), SnapshotInspector.ReadContent((v, ahead) => merged.Walk(v, ahead), null, mostEntries: 7));
    }

    [Fact]
    public async Task Leases_of_the_log_are_merged_in_the_order_of_their_keys_and_the_base_knows_better()
    {
        var writer = new SegmentWriter(4);
        writer.BeginBatch(1);
        writer.Add(isDelete: false, Put(4, lease: 20));
        writer.Add(isDelete: false, Put(4, "b", lease: 5));
        writer.Add(isDelete: false, Put(4, "c", lease: -2));
        writer.Add(isDelete: false, Put(4, "d", lease: 404));
        writer.Add(isDelete: false, Put(5, lease: 6));
        writer.AddLease(new LeaseTtl(20, 999));
        writer.EndBatch();
        writer.BeginBatch(2);
        writer.Add(isDelete: false, Put(6));
        foreach (var id in new[] { -2L, 5, 6, 33 })
        {
            writer.AddLease(new LeaseTtl(id, id + 100));
        }

        writer.EndBatch();
        var log = Save(writer);
        var made = await MakeAsync(Base(2, 3, leases: [10, 20]), log, 4);
        Assert.Equal((1, "194"), (made.Orphans!.Keys, Assert.Single(made.Orphans.Leases)));
        Assert.Equal([(5, 105), (10, 60), (20, 60), (-2, 98)], Leases(_scratch["out"]));
    }

    [Fact]
    public async Task Buckets_that_the_base_does_not_have_are_made_where_the_log_needs_them()
    {
        using (var file = File.OpenHandle(_scratch["bare"], FileMode.CreateNew, FileAccess.ReadWrite))
        {
            var bare = new BoltWriter(file, 4096);
            foreach (var name in new[] { "alarm", "meta" })
            {
                bare.BeginBucket(System.Text.Encoding.ASCII.GetBytes(name));
                bare.EndBucket();
            }

            bare.Finish();
        }

        var writer = new SegmentWriter(2);
        writer.BeginBatch(1);
        writer.Add(isDelete: false, Put(2, lease: 7));
        writer.AddLease(new LeaseTtl(7, 70));
        writer.EndBatch();
        Assert.Equal(1, (await MakeAsync(_scratch["bare"], Save(writer), 2)).LiveKeys);
        Assert.Equal([(7, 70)], Leases(_scratch["out"]));
        Assert.Equal(["alarm", "key", "lease", "meta"], SnapshotInspector.Inspect(_scratch["out"]).Buckets.Select(b => b.Name));
    }

    [Fact]
    public async Task The_command_takes_segments_in_any_order_and_says_what_is_wrong_with_them()
    {
        var writer = new SegmentWriter(6);
        var (before, segments) = (Array.Empty<byte>(), new List<string>());
        for (var revision = 6; revision < 9; revision++)
        {
            writer.BeginBatch(1);
            writer.Add(isDelete: false, Put(revision));
            writer.EndBatch();
            var segment = writer.Finish(new SegmentOrigin(1, "1", "base", before));
            segments.Insert(0, _scratch[$"segment-{revision}"]);
            await File.WriteAllBytesAsync(segments[0], segment.Bytes);
            before = segment.Sha256;
        }

        var ended = await CutAsync(segments);
        Assert.True(ended is { Code: 0, Error: "" }, ended.ToString());
        Assert.Contains("Of the log   3 later ones\n", ended.Out, StringComparison.Ordinal);
        Assert.Equal(8, SnapshotInspector.Inspect(_scratch["out"]).Revision);

        File.Delete(_scratch["out"]);
        ended = await CutAsync([segments[0], segments[2]]);
        Assert.Equal((1, ""), (ended.Code, ended.Out));
        Assert.Contains("the change log is not whole: segment 8-8: it follows segment 6-6", ended.Error, StringComparison.Ordinal);
        ended = await CutAsync([segments[0], _scratch["segment-9"]]);
        Assert.Equal((2, ""), (ended.Code, ended.Out));
        Assert.Contains("a segment of the log cannot be read", ended.Error, StringComparison.Ordinal);
        ended = await CutAsync([Base(2, 3)]);
        Assert.Equal((1, ""), (ended.Code, ended.Out));
        Assert.Contains("base-", ended.Error, StringComparison.Ordinal);
    }

    private Task<Ended> CutAsync(IEnumerable<string> segments) => CliService.RunAsync(
        "", ["cut", Base(2, 5), "--revision", "8", "-o", _scratch["out"], "--skip-hash-check", "--log", .. segments]);

    private Task<MadeReport> MakeAsync(string source, string? log, long revision) =>
        SnapshotMaker.MakeAsync(source, log is null ? [] : [log], _scratch["out"], revision, withoutDigest: true, default);

    private static ContentReport Prove(string source, string? log, long revision) =>
        SnapshotMaker.Prove(source, log is null ? [] : [log], revision, null, default);
}
