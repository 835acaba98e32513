using System.Globalization;

namespace EtcdBackup.Tests.Stores;

/// <content>Many at once.</content>
public abstract partial class StoreContract
{
    [Theory]
    [InlineData(1000, null)]
    [InlineData(Large, Name)]
    [InlineData(Large, null)]
    public async Task Of_many_at_once_one_gets_the_name_and_nobody_takes_it_away(int size, string? expected)
    {
        var contents = Enumerable.Range(0, 4).Select(i => Content(size, (byte)i)).ToArray();
        var pending = await Task.WhenAll(contents.Select(c => BeginAsync(c, expected)));
        var won = await Task.WhenAll(pending.Select(p => p.TryCommitAsync(Name, CancellationToken.None)));

        // Which copy it is matters less than that it is one of them, whole, and that the losers know.
        Assert.Equal(1, won.Count(w => w));
        var content = contents[Array.IndexOf(won, true)];
        Assert.Equal(content, await ReadAsync(Name));
        foreach (var loser in pending.Where((_, i) => !won[i]))
        {
            Assert.False(await loser.TryCommitAsync(Name, CancellationToken.None));
        }

        foreach (var one in pending)
        {
            await one.DisposeAsync();
        }

        Assert.Equal(content, await ReadAsync(Name));
    }

    [Fact]
    public async Task Of_many_that_write_a_new_document_at_once_one_does_and_the_others_know()
    {
        await WriteAsync(Name, [1]);
        var contents = Enumerable.Range(0, 8).Select(i => Content(100, (byte)i)).ToArray();
        var won = await Task.WhenAll(
            contents.Select(c => Store.TryWriteNewAsync($"{Folder}/mark", c, CancellationToken.None)));
        Assert.Equal(1, won.Count(w => w));
        Assert.Equal(contents[Array.IndexOf(won, true)], await Store.ReadDocumentAsync($"{Folder}/mark", CancellationToken.None));
        Assert.False(await Store.TryWriteNewAsync($"{Folder}/mark", contents[0], CancellationToken.None));
        await Store.DeleteAsync($"{Folder}/mark", CancellationToken.None);
        Assert.True(await Store.TryWriteNewAsync($"{Folder}/mark", contents[0], CancellationToken.None));
    }

    [Fact]
    public async Task A_large_and_a_small_one_at_once_get_no_common_name()
    {
        var contents = new[] { Content(1000, 1), LargeContent, Content(1000, 2), Content(Large, 3) };
        var pending = await Task.WhenAll(contents.Select(c => BeginAsync(c, Name)));
        var won = await Task.WhenAll(pending.Select(p => p.TryCommitAsync(Name, CancellationToken.None)));
        Assert.Equal(1, won.Count(w => w));
        foreach (var one in pending)
        {
            await one.DisposeAsync();
        }

        Assert.Equal(contents[Array.IndexOf(won, true)], await ReadAsync(Name));
    }

    [Fact]
    public async Task A_listing_is_of_one_folder_however_many_objects_it_has()
    {
        await WriteAsync(Name, [1]);
        await WriteAsync("deeper", [1], folder: Folder + "/sub");
        await WriteAsync(Name, [1], folder: Folder + "-2");
        await Parallel.ForAsync(0, 1200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancel) =>
            await Store.WriteDocumentAsync(string.Create(CultureInfo.InvariantCulture, $"{Folder}/{i}.json"), "{}"u8.ToArray(), cancel));
        Assert.Equal(1201, (await ListAsync()).Select(o => o.Name).Distinct().Count());
        Assert.Empty(await ListAsync("v1/space/none"));
    }
}
