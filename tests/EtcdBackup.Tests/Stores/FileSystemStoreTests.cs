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

    private async Task WriteAsync(string folder, string name, string content, long? expected = null)
    {
        await using var pending = await Store.BeginAsync(folder, expected ?? content.Length, CancellationToken.None);
        await pending.AppendAsync(System.Text.Encoding.UTF8.GetBytes(content), CancellationToken.None);
        Assert.True(await pending.TryCommitAsync(name, CancellationToken.None));
    }
}
