using System.Buffers.Binary;
using EtcdBackup.Snapshots.Bolt;
using EtcdBackup.Snapshots.Making;
using EtcdBackup.Snapshots.Files;
using EtcdBackup.Testing;

namespace EtcdBackup.Cli.Tests;

/// <summary>What <c>cut</c> refuses, and that it leaves nothing behind.</summary>
public sealed class CutProblemTests : IDisposable
{
    private const string Name = "etcd-3.6.14-compacted.backup";

    private readonly ScratchDirectory _scratch = new();
    private readonly string _source;

    public CutProblemTests() => _source = InspectTests.Unpack(Name, _scratch["source.db"]);

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(19, "revision 19 was compacted away: the file has revisions 20 to 38")]
    [InlineData(-1, "revision -1 was compacted away: the file has revisions 20 to 38")]
    [InlineData(39, "revision 39 had not come yet: the file has revisions 20 to 38")]
    public async Task A_revision_that_the_file_does_not_have_is_told_with_those_it_has(long revision, string told) =>
        await CheckRefusedAsync(2, told, _source, $"{revision}");

    [Fact]
    public async Task A_compaction_that_began_counts_as_done()
    {
        var file = Crafted(finished: 3, scheduled: 5, [2, 4, 5, 6, 7]);
        await CheckRefusedAsync(2, "revision 4 was compacted away: the file has revisions 5 to 7", file, "4", "--skip-hash-check");
        Assert.Equal(3, (await SnapshotMaker.MakeAsync(file, [], _scratch["5"], 5, withoutDigest: true, default)).Kept);
    }

    [Fact]
    public async Task Without_a_compaction_revision_1_is_the_empty_cluster()
    {
        var file = Crafted(0, 0, [2, 3]);
        await CheckRefusedAsync(2, "there is no revision 0: the file has revisions 1 to 3", file, "0", "--skip-hash-check");
        Assert.Equal(0, (await SnapshotMaker.MakeAsync(file, [], _scratch["1"], 1, withoutDigest: true, default)).LiveKeys);
    }

    [Fact]
    public async Task A_number_that_is_left_out_is_told_because_etcd_would_start_at_another()
    {
        var file = Crafted(0, 0, [2, 3, 9]);
        await CheckRefusedAsync(
            2, "there never was a revision 5: the file has revisions 1 to 9, and the next below is 3", file, "5", "--skip-hash-check");
        Assert.Equal(9, (await SnapshotMaker.MakeAsync(file, [], _scratch["9"], 9, withoutDigest: true, default)).Revision);
    }

    [Fact]
    public async Task After_a_restore_that_raised_the_revision_only_that_one_is_there()
    {
        await ChildProcess.RunAsync(
            Workspace.EtcdTool("forky", "etcdutl"), "snapshot", "restore", _source, "--data-dir", _scratch["data"],
            "--bump-revision", "1000", "--mark-compacted");
        var database = _scratch["data/member/snap/db"];
        await CheckRefusedAsync(
            2, "revision 500 was compacted away: the file has revisions 1038 to 1038", database, "500", "--skip-hash-check");
        Assert.Equal(1038, (await SnapshotMaker.MakeAsync(database, [], _scratch["1038"], 1038, withoutDigest: true, default)).Revision);
    }

    [Theory]
    [MemberData(nameof(LocalFileTests.Damages), MemberType = typeof(LocalFileTests))]
    public async Task A_damaged_file_is_refused(string damage, string told)
    {
        await File.WriteAllBytesAsync(_source, LocalFileTests.Damaged(await File.ReadAllBytesAsync(_source), damage));
        await CheckRefusedAsync(1, told, _source, "30");
    }

    [Fact]
    public async Task A_database_without_a_digest_is_cut_on_request_only()
    {
        var whole = await File.ReadAllBytesAsync(_source);
        await SnapshotMaker.MakeAsync(_source, [], _scratch["a"], 30, withoutDigest: false, default);
        await File.WriteAllBytesAsync(_source, whole[..^SnapshotDigest.TrailerSize]);
        await CheckRefusedAsync(1, "it was cut short, or has no SHA-256 at its end", _source, "30");
        await SnapshotMaker.MakeAsync(_source, [], _scratch["b"], 30, withoutDigest: true, default);
        Assert.True(File.ReadAllBytes(_scratch["a"]).AsSpan().SequenceEqual(File.ReadAllBytes(_scratch["b"])));
    }

    [Fact]
    public async Task A_file_that_exists_is_left_as_it_is()
    {
        await File.WriteAllTextAsync(_scratch["out.db"], "precious");
        var ended = await RunAsync(_source, "30");
        Assert.True(ended is { Code: 2, Out: "" }, ended.ToString());
        Assert.Contains("exists, and is left as it is: name another file with -o", ended.Error, StringComparison.Ordinal);

        // Also one that came while it was at work.
        await Assert.ThrowsAsync<SnapshotTargetException>(
            () => SnapshotMaker.MakeAsync(_source, [], _scratch["out.db"], 30, withoutDigest: false, default));
        Assert.Equal("precious", await File.ReadAllTextAsync(_scratch["out.db"]));
        Assert.Equal([_scratch["out.db"], _source], Directory.GetFiles(_scratch.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Whatever_is_no_plain_snapshot_is_refused_as_inspect_does()
    {
        await File.WriteAllBytesAsync(_source, [0x28, 0xB5, 0x2F, 0xFD, 0, 0]);
        await CheckRefusedAsync(2, "is compressed, and only a plain snapshot can be read: write zstd -d <", _source, "30");
        await CheckRefusedAsync(2, "cannot be read: Could not find file", _scratch["nowhere"], "30");
        await CheckRefusedAsync(2, "is no file", "-", "30");
    }

    [Theory]
    [InlineData("cut", "FILE", "-o", "x")]
    [InlineData("cut", "FILE", "--revision", "30")]
    [InlineData("cut", "FILE", "--revision", "thirty", "-o", "x")]
    [InlineData("cut", "--revision", "30", "-o", "x")]
    public async Task A_command_line_that_lacks_something_ends_with_2(params string[] arguments) =>
        Assert.Equal(2, (await CliService.RunAsync("", arguments)).Code);

    [Fact]
    public async Task A_directory_that_is_missing_or_full_is_told_and_nothing_is_left()
    {
        var ended = await CliService.RunAsync("", "cut", _source, "--revision", "30", "-o", _scratch["no/out.db"]);
        Assert.True(ended is { Code: 1, Out: "" }, ended.ToString());
        Assert.Contains("no/out.db' cannot be written: Could not find a part of the path", ended.Error, StringComparison.Ordinal);

        Assert.SkipUnless(Environment.UserName == "root", "mounting a small tmpfs needs root");
        Directory.CreateDirectory(_scratch["small"]);
        await ChildProcess.RunAsync("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", _scratch["small"]);
        try
        {
            ended = await CliService.RunAsync("", "cut", _source, "--revision", "30", "-o", _scratch["small/out.db"]);
            Assert.True(ended is { Code: 1, Out: "" }, ended.ToString());
            Assert.Contains("small/out.db' cannot be written: ", ended.Error, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(_scratch["small"]));
        }
        finally
        {
            await ChildProcess.RunAsync("umount", _scratch["small"]);
        }
    }

    [Fact]
    public async Task Who_interrupts_it_finds_nothing_left()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => SnapshotMaker.MakeAsync(
                _source, [], _scratch["out.db"], 30, withoutDigest: false, new CancellationToken(canceled: true)));
        Assert.Equal([_source], Directory.GetFiles(_scratch.Path));
    }

    private async Task CheckRefusedAsync(int code, string told, string source, string revision, params string[] more)
    {
        var before = Directory.GetFiles(_scratch.Path).Order(StringComparer.Ordinal).ToArray();
        var ended = await RunAsync(source, revision, more);
        Assert.True(ended.Code == code && ended.Out == "", ended.ToString());
        Assert.Contains(told, ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(_scratch.Path).Order(StringComparer.Ordinal));
    }

    private Task<Ended> RunAsync(string source, string revision, params string[] more) =>
        CliService.RunAsync("", ["cut", source, "--revision", revision, "-o", _scratch["out.db"], .. more]);

    // A database with a put of another key at each revision.
    private string Crafted(byte finished, byte scheduled, byte[] revisions)
    {
        var path = _scratch[$"crafted-{Guid.NewGuid():N}"];
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
        var writer = new BoltWriter(file, 4096);
        writer.BeginBucket("key"u8);
        foreach (var revision in revisions)
        {
            writer.Add(Revision(revision), BoltValue.Of([0x0A, 1, revision, 0x10, revision, 0x18, revision, 0x20, 1]));
        }

        writer.EndBucket();
        writer.BeginBucket("meta"u8);
        foreach (var (name, revision) in new[] { ("finishedCompactRev", finished), ("scheduledCompactRev", scheduled) })
        {
            if (revision > 0)
            {
                writer.Add(System.Text.Encoding.UTF8.GetBytes(name), BoltValue.Of(Revision(revision)));
            }
        }

        writer.EndBucket();
        writer.Finish();
        return path;
    }

    private static byte[] Revision(long main)
    {
        var key = new byte[17];
        BinaryPrimitives.WriteInt64BigEndian(key, main);
        key[8] = (byte)'_';
        return key;
    }
}
