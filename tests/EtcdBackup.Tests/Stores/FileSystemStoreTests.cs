using EtcdBackup.Stores;
using EtcdBackup.Stores.FileSystem;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Stores;

public sealed class FileSystemStoreTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();

    private FileSystemStore Store => new(_directory.Path, TimeProvider.System);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Room_that_was_reserved_and_not_used_is_given_back()
    {
        await WriteAsync("v1/a/b", "one", "x", expected: 1_000_000);
        Assert.Equal(1, new FileInfo(_directory["v1/a/b/one"]).Length);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("v1/../../outside")]
    public async Task No_key_leads_outside(string key) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Store.OpenAsync(key, CancellationToken.None));

    [Fact]
    public async Task A_full_file_system_is_told_as_such()
    {
        // /dev/full and quotas need no mount: a file size beyond the file system's own limit is refused the same way
        var e = await Assert.ThrowsAnyAsync<Exception>(() => Store.BeginAsync("v1/a/b", 1L << 52, CancellationToken.None));
        Assert.IsType<StoreFullException>(e);
        Assert.Empty(Directory.GetFiles(_directory.Path, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("List")]
    [InlineData("Stat")]
    [InlineData("Open")]
    [InlineData("Read")]
    [InlineData("Delete")]
    public async Task A_tree_that_cannot_be_read_is_not_an_empty_one(string call)
    {
        // As with a stale mount, the file system answers with an error, and not with "there is no such file".
        File.CreateSymbolicLink(_directory["v1"], _directory["v1"]);
        var e = await Assert.ThrowsAnyAsync<IOException>(() => StoreCalls.AskAsync(Store, call, CancellationToken.None));
        Assert.IsNotType<FileNotFoundException>(e);
    }

    [Fact]
    public async Task Symbolic_links_in_the_store_are_not_followed()
    {
        await File.WriteAllTextAsync(_directory["secret"], "of somebody else");
        await WriteAsync("v1/a/b", "one", "x");
        File.CreateSymbolicLink(_directory["v1/a/b/link"], _directory["secret"]);
        Assert.Equal(["one"], await Store.ListAsync("v1/a/b", CancellationToken.None).Select(o => o.Name).ToArrayAsync());
        Assert.Null(await Store.StatAsync("v1/a/b/link", CancellationToken.None));
        Assert.Null(await Store.ReadDocumentAsync("v1/a/b/link", CancellationToken.None));
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.OpenAsync("v1/a/b/link", CancellationToken.None));

        // Written over, the link goes and what it led to stays.
        await Store.WriteDocumentAsync("v1/a/b/link", "new"u8.ToArray(), CancellationToken.None);
        Assert.Equal("of somebody else", await File.ReadAllTextAsync(_directory["secret"]));

        Directory.CreateSymbolicLink(_directory["v1/space"], _directory["v1/a"]);
        foreach (var call in new[] { "List", "Stat", "Open", "Read", "Delete" })
        {
            var e = await Assert.ThrowsAnyAsync<IOException>(() => StoreCalls.AskAsync(Store, call, CancellationToken.None));
            Assert.Contains("symbolic link", e.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<IOException>(() => Store.BeginAsync("v1/space/b", 1, CancellationToken.None));
    }

    // The machine's mounts know no links: an unmounted volume behind one would go unnoticed.
    [Fact]
    public void A_linked_directory_is_where_its_links_lead()
    {
        Directory.CreateDirectory(_directory["volume/backups"]);
        Directory.CreateSymbolicLink(_directory["absolute"], _directory["volume"]);
        File.CreateSymbolicLink(_directory["relative"], "absolute/backups");
        var real = Mounts.Resolve(_directory["volume"]);
        Assert.Equal(real, Mounts.Resolve(_directory["absolute"]));
        Assert.Equal($"{real}/backups", Mounts.Resolve(_directory["relative"]));
        Assert.Equal($"{real}/not/yet/there", Mounts.Resolve(_directory["absolute/not/yet/there"]));
        Assert.Equal("/", Mounts.Resolve("/"));
        File.CreateSymbolicLink(_directory["this"], "that");
        File.CreateSymbolicLink(_directory["that"], "this");
        var e = Assert.Throws<IOException>(() => Mounts.Resolve(_directory["this"]));
        Assert.Contains("lead in a circle", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_knows_when_it_is_on_another_file_system()
    {
        const string Root = "1 0 8:1 / / rw - ext4 /dev/sda1 rw";
        const string Data = @"2 1 0:5 / /data/with\040blank rw - nfs server:/backups rw";
        const string Within = "3 2 0:9 / /data/with rw - tmpfs none rw";
        IEnumerable<string> mounts = [Root, Data, Within];
        const string Backups = "/data/with blank/backups";
        var known = new Mounts(() => mounts);
        Assert.Equal("/data/with blank", known.Check("/data", Backups));
        known.Check(Backups);
        mounts = [Root, Within];
        var e = Assert.Throws<IOException>(() => known.Check(Backups));
        Assert.Contains("was on the file system 0:5 at '/data/with blank' and is on 8:1 at '/' now", e.Message, StringComparison.Ordinal);
        mounts = [Root, Data];
        known.Check(Backups, "/data");
        mounts = [Root, Data, "4 1 0:7 / /data/with\\040blank rw - tmpfs none rw"];
        Assert.Throws<IOException>(() => known.Check("/data", Backups));
    }

    private async Task WriteAsync(string folder, string name, string content, long? expected = null)
    {
        await using var pending = await Store.BeginAsync(folder, expected ?? content.Length, CancellationToken.None);
        await pending.AppendAsync(System.Text.Encoding.UTF8.GetBytes(content), CancellationToken.None);
        Assert.True(await pending.TryCommitAsync(name, CancellationToken.None));
    }
}
