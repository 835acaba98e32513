using EtcdBackup.Stores;
using EtcdBackup.Stores.FileSystem;
using EtcdBackup.Testing;
using Microsoft.Extensions.Time.Testing;

namespace EtcdBackup.Tests.Stores;

public sealed class FileSystemStoreTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private FileSystemStore Store => new(_directory.Path, _time);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_is_committed_is_listed_and_read_back()
    {
        await WriteAsync("v1/a/b", "one", "hello");
        var listed = Assert.Single(await ListAsync("v1/a/b"));
        Assert.Equal(("one", 5L), (listed.Name, listed.Size));
        await using var stream = await Store.OpenAsync("v1/a/b/one", CancellationToken.None);
        Assert.Equal("hello", await new StreamReader(stream).ReadToEndAsync());
    }

    [Fact]
    public async Task What_is_not_committed_is_never_listed_and_leaves_nothing()
    {
        await using (var pending = await Store.BeginAsync("v1/a/b", 100, CancellationToken.None))
        {
            await pending.AppendAsync("half"u8.ToArray(), CancellationToken.None);
            Assert.Empty(await ListAsync("v1/a/b"));
        }

        Assert.Empty(Directory.GetFiles(_directory.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_name_that_is_taken_is_never_replaced()
    {
        await WriteAsync("v1/a/b", "one", "first");
        await using (var pending = await Store.BeginAsync("v1/a/b", 6, CancellationToken.None))
        {
            await pending.AppendAsync("second"u8.ToArray(), CancellationToken.None);
            Assert.False(await pending.TryCommitAsync("one", CancellationToken.None));
            Assert.True(await pending.TryCommitAsync("two", CancellationToken.None));
        }

        Assert.Equal("first", await File.ReadAllTextAsync(_directory["v1/a/b/one"]));
        Assert.Equal("second", await File.ReadAllTextAsync(_directory["v1/a/b/two"]));
    }

    [Fact]
    public async Task Room_that_was_reserved_and_not_used_is_given_back()
    {
        await WriteAsync("v1/a/b", "one", "x", expected: 1_000_000);
        Assert.Equal(1, new FileInfo(_directory["v1/a/b/one"]).Length);
    }

    [Fact]
    public async Task A_reader_is_not_disturbed_by_a_deletion()
    {
        await WriteAsync("v1/a/b", "one", "hello");
        await using var stream = await Store.OpenAsync("v1/a/b/one", CancellationToken.None);
        await Store.DeleteAsync("v1/a/b/one", CancellationToken.None);
        Assert.Equal("hello", await new StreamReader(stream).ReadToEndAsync());
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.OpenAsync("v1/a/b/one", CancellationToken.None));
        await Store.DeleteAsync("v1/a/b/one", CancellationToken.None);
    }

    [Fact]
    public async Task A_document_is_replaced_whole()
    {
        await WriteAsync("v1/a/b", "one", "x");
        Assert.Null(await Store.ReadDocumentAsync("v1/a/b/one.json", CancellationToken.None));
        await Store.WriteDocumentAsync("v1/a/b/one.json", "1"u8.ToArray(), CancellationToken.None);
        await Store.WriteDocumentAsync("v1/a/b/one.json", "22"u8.ToArray(), CancellationToken.None);
        Assert.Equal("22"u8.ToArray(), await Store.ReadDocumentAsync("v1/a/b/one.json", CancellationToken.None));
    }

    [Fact]
    public async Task Only_old_leftovers_are_swept()
    {
        var pending = await Store.BeginAsync("v1/a/b", 4, CancellationToken.None);
        Assert.Equal(0, await Store.SweepAsync(TimeSpan.FromHours(1), CancellationToken.None));
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, await Store.SweepAsync(TimeSpan.FromHours(1), CancellationToken.None));
        await pending.DisposeAsync();
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

    private async Task WriteAsync(string folder, string name, string content, long? expected = null)
    {
        await using var pending = await Store.BeginAsync(folder, expected ?? content.Length, CancellationToken.None);
        await pending.AppendAsync(System.Text.Encoding.UTF8.GetBytes(content), CancellationToken.None);
        Assert.True(await pending.TryCommitAsync(name, CancellationToken.None));
    }

    private async Task<List<StoredObject>> ListAsync(string folder)
    {
        var all = new List<StoredObject>();
        await foreach (var o in Store.ListAsync(folder, CancellationToken.None))
        {
            all.Add(o);
        }

        return all;
    }
}
