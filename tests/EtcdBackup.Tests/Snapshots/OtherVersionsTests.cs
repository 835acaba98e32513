using System.IO.Compression;
using System.Text.Json;
using EtcdBackup.Snapshots;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Snapshots;

/// <summary>
/// Files of etcd versions that no package brings, and what their own tools and members said of them (<c>Versions/expected.json</c>).
/// </summary>
public sealed class OtherVersionsTests : IDisposable
{
    private static readonly string Folder = Path.Combine(Workspace.Root, "tests/EtcdBackup.Tests/Snapshots/Versions");

    private readonly ScratchDirectory _directory = new();

    public static TheoryData<string> Files() =>
        [.. Directory.GetFiles(Folder, "*.gz").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void It_is_read_as_its_own_tools_read_it(string file)
    {
        var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "expected.json"))).RootElement.EnumerateArray()
            .Single(e => e.GetProperty("file").GetString() == file);
        var status = expected.TryGetProperty("etcdutl snapshot status", out var utl)
            ? utl : expected.GetProperty("etcdctl snapshot status");
        var hash = expected.TryGetProperty("HashKV of the live member", out var live) ? live : (JsonElement?)null;

        var (path, compacted) = (Unpack(file), hash?.GetProperty("compact_revision").GetInt64());
        var report = SnapshotInspector.InspectContent(path, compacted);

        Assert.Equal(report.Content, SnapshotInspector.InspectContent(path, compacted, mostEntries: 50, default).Content);
        Assert.Equal(status.GetProperty("hash").GetUInt32(), report.Content!.StatusHash);
        Assert.Equal(status.GetProperty("revision").GetInt64(), report.LastMainRevision);
        // Since 3.6 the tool counts the keys that exist, and no longer the entries of all buckets.
        Assert.Equal(status.GetProperty("totalKey").GetInt64(), utl.ValueKind == JsonValueKind.Undefined
            ? report.TotalKeys : report.Content.LiveKeys);
        Assert.Equal(status.GetProperty("totalSize").GetInt64(), report.TotalSize);
        Assert.Equal(status.TryGetProperty("version", out var version) ? version.GetString() : null, report.StorageVersion);
        if (hash is { } kv)
        {
            Assert.Equal(kv.GetProperty("hash").GetUInt32(), report.Content.HashKv);
            Assert.Equal(kv.GetProperty("hash_revision").GetInt64(), report.Content.HashKvRevision);
        }
    }

    public void Dispose() => _directory.Dispose();

    private string Unpack(string file)
    {
        var path = _directory[file];
        using var from = new GZipStream(File.OpenRead(Path.Combine(Folder, file + ".gz")), CompressionMode.Decompress);
        using var to = File.Create(path);
        from.CopyTo(to);
        return path;
    }
}
