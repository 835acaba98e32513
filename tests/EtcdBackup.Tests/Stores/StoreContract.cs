using System.Security.Cryptography;
using EtcdBackup.Stores;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Stores;

/// <summary>What every store promises, shown on a real server of each kind.</summary>
public abstract partial class StoreContract : IAsyncLifetime
{
    // More than one part of an upload, and not a multiple of it.
    private protected const int Large = 20 * 1024 * 1024 + 12_345;
    private protected const string Folder = "v1/space/cluster";
    private protected const string Name = "3.5.30_000000000000000f_etcd.backup";
    private protected const string Other = "3.5.30_0000000000000010_etcd.backup";

    private static readonly byte[] LargeContent = RandomNumberGenerator.GetBytes(Large);

    internal ShiftedTime Time { get; } = new();

    protected ScratchDirectory Directory { get; } = new();

    private protected IBackupStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Store = await CreateAsync();

    public ValueTask DisposeAsync()
    {
        Directory.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(5, null)]
    [InlineData(5, Name)]
    [InlineData(Large, null)]
    [InlineData(Large, Name)]
    [InlineData(Large, Other)]
    public async Task What_is_committed_is_listed_and_read_back(int size, string? expected)
    {
        await WriteAsync(Name, Content(size), expected);
        var listed = Assert.Single(await ListAsync());
        Assert.Equal((Name, (long)size), (listed.Name, listed.Size));
        Assert.InRange(listed.LastModified, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
        var stat = await Store.StatAsync($"{Folder}/{Name}", CancellationToken.None);
        Assert.Equal((Name, (long)size, listed.Tag), stat is null ? default : (stat.Name, stat.Size, stat.Tag));
        Assert.Equal(Content(size), await ReadAsync(Name));
        Time.Offset = TimeSpan.FromDays(30);
        Assert.Equal(0, await Store.SweepAsync(TimeSpan.FromDays(1), CancellationToken.None));
    }

    [Theory]
    [InlineData(5, null)]
    [InlineData(Large, null)]
    [InlineData(Large, Name)]
    public async Task What_is_not_committed_is_never_listed_and_leaves_nothing(int size, string? expected)
    {
        await using (var pending = await BeginAsync(Content(size), expected))
        {
            Assert.Empty(await ListAsync());
            pending.Seal();
            Assert.Equal(size, new FileInfo(pending.LocalPath).Length);
            Assert.Empty(await ListAsync());
        }

        Assert.Empty(await ListAsync());

        // A part that was on its way when its upload was aborted may arrive after that, and stands until the sweep.
        Time.Offset = TimeSpan.FromDays(30);
        Assert.InRange(await Store.SweepAsync(TimeSpan.FromDays(1), CancellationToken.None), 0, size > 5 && !SeesWhoLives ? 1 : 0);
        Assert.Equal(0, await Store.SweepAsync(TimeSpan.FromDays(1), CancellationToken.None));
        Assert.Empty(System.IO.Directory.GetFiles(Directory.Path, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(6, null)]
    [InlineData(Large, null)]
    [InlineData(Large, Name)]
    public async Task A_name_that_is_taken_is_never_replaced(int size, string? expected)
    {
        await WriteAsync(Name, "first"u8.ToArray());
        await using (var pending = await BeginAsync(Content(size), expected))
        {
            Assert.False(await pending.TryCommitAsync(Name, CancellationToken.None));
            Assert.True(await pending.TryCommitAsync(Other, CancellationToken.None));
        }

        Assert.Equal("first"u8.ToArray(), await ReadAsync(Name));
        Assert.Equal(Content(size), await ReadAsync(Other));
        Assert.Equal(2, (await ListAsync()).Count);
        Time.Offset = TimeSpan.FromDays(30);
        Assert.Equal(0, await Store.SweepAsync(TimeSpan.FromDays(1), CancellationToken.None));
    }

    [Fact]
    public async Task Any_part_can_be_read_and_nothing_beyond_the_end()
    {
        await WriteAsync(Name, LargeContent);
        await using var stream = await Store.OpenAsync($"{Folder}/{Name}", CancellationToken.None);
        Assert.Equal(Large, stream.Length);
        foreach (var (offset, length) in new[] { (0, 10), (Large - 10, 10), (12_000_000, 100_000), (12_100_000, 5), (3, 70_000) })
        {
            stream.Seek(offset, SeekOrigin.Begin);
            var part = new byte[length];
            await stream.ReadExactlyAsync(part);
            Assert.Equal(LargeContent[offset..(offset + length)], part);
        }

        stream.Seek(0, SeekOrigin.End);
        Assert.Equal(0, await stream.ReadAsync(new byte[10]));
    }

    [Fact]
    public async Task A_reader_is_not_disturbed_by_a_deletion()
    {
        await WriteAsync(Name, LargeContent);
        await using var stream = await Store.OpenAsync($"{Folder}/{Name}", CancellationToken.None);
        var content = new byte[Large];
        await stream.ReadExactlyAsync(content.AsMemory(0, 1000));
        await Store.DeleteAsync($"{Folder}/{Name}", CancellationToken.None);
        await stream.ReadExactlyAsync(content.AsMemory(1000));
        Assert.Equal(LargeContent, content);
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.OpenAsync($"{Folder}/{Name}", CancellationToken.None));
        Assert.Null(await Store.StatAsync($"{Folder}/{Name}", CancellationToken.None));
        await Store.DeleteAsync($"{Folder}/{Name}", CancellationToken.None);
    }

    [Fact]
    public async Task A_document_is_replaced_whole_and_seen_to_change()
    {
        const string document = Name + ".json";
        await WriteAsync(Name, [1]);
        Assert.Null(await Store.ReadDocumentAsync($"{Folder}/{document}", CancellationToken.None));
        await Store.WriteDocumentAsync($"{Folder}/{document}", "333"u8.ToArray(), CancellationToken.None);
        var before = (await ListAsync()).Single(o => o.Name == document);
        await Store.WriteDocumentAsync($"{Folder}/{document}", "22"u8.ToArray(), CancellationToken.None);
        var after = (await ListAsync()).Single(o => o.Name == document);
        Assert.NotEqual(before.Tag, after.Tag);
        Assert.Equal("22"u8.ToArray(), await Store.ReadDocumentAsync($"{Folder}/{document}", CancellationToken.None));
    }

    /// <summary>Whether another process sees that the owner of a leftover lives, and does not go by age alone.</summary>
    private protected virtual bool SeesWhoLives => false;

    /// <summary>The same store, as another process has it.</summary>
    private protected abstract IBackupStore Another();

    private protected abstract Task<IBackupStore> CreateAsync();

    /// <summary>Waits until the parts of an upload that is not committed are in the store.</summary>
    private protected virtual Task SentAsync() => Task.CompletedTask;

    private protected static byte[] Content(int size, byte first = 0) =>
        size == Large && first == 0 ? LargeContent : [first, .. LargeContent.AsSpan(1, size - 1)];

    private protected async Task<IPendingObject> BeginAsync(byte[] content, string? expected, string folder = Folder)
    {
        var pending = await Store.BeginAsync(folder, content.Length, CancellationToken.None);
        if (expected is not null)
        {
            pending.Expect(expected);
        }

        foreach (var block in content.Chunk(512 * 1024))
        {
            await pending.AppendAsync(block, CancellationToken.None);
        }

        return pending;
    }

    private async Task WriteAsync(string name, byte[] content, string? expected = null, string folder = Folder)
    {
        await using var pending = await BeginAsync(content, expected, folder);
        pending.Seal();
        Assert.True(await pending.TryCommitAsync(name, CancellationToken.None));
    }

    private async Task<byte[]> ReadAsync(string name)
    {
        await using var stream = await Store.OpenAsync($"{Folder}/{name}", CancellationToken.None);
        var content = new MemoryStream();
        await stream.CopyToAsync(content);
        return content.ToArray();
    }

    private async Task<List<StoredObject>> ListAsync(string folder = Folder)
    {
        var all = new List<StoredObject>();
        await foreach (var o in Store.ListAsync(folder, CancellationToken.None))
        {
            all.Add(o);
        }

        return all;
    }
}
