namespace EtcdBackup.Tests.Stores;

public abstract partial class StoreContract
{
    [Theory]
    [InlineData(null)]
    [InlineData(Name)]
    public async Task What_this_process_goes_on_with_is_never_swept_however_old(string? expected)
    {
        await using var pending = await BeginAsync(LargeContent, expected);
        pending.Seal();
        await SentAsync();
        Time.Offset = TimeSpan.FromDays(30);
        Assert.Equal(0, await Store.SweepAsync(TimeSpan.Zero, CancellationToken.None));
        Assert.True(await pending.TryCommitAsync(Name, CancellationToken.None));
        Assert.Equal(LargeContent, await ReadAsync(Name));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Name)]
    public async Task What_another_process_left_is_swept_by_age(string? expected)
    {
        var pending = await BeginAsync(LargeContent, expected);
        pending.Seal();
        await SentAsync();
        var another = Another();
        Assert.Equal(0, await another.SweepAsync(TimeSpan.FromHours(1), CancellationToken.None));
        Time.Offset = TimeSpan.FromHours(2);
        Assert.Equal(SeesWhoLives, await another.SweepAsync(TimeSpan.FromHours(1), CancellationToken.None) == 0);
        Assert.Equal(0, await another.SweepAsync(TimeSpan.FromHours(1), CancellationToken.None));
        Assert.Empty(await ListAsync());

        // Its owner is alive after all: it fails, or does it all over, but never commits a part.
        try
        {
            if (await pending.TryCommitAsync(Name, CancellationToken.None))
            {
                Assert.Equal(LargeContent, await ReadAsync(Name));
            }
        }
        catch (IOException) when (!SeesWhoLives)
        {
            Assert.Empty(await ListAsync());
        }

        await pending.DisposeAsync();
    }
}
