using EtcdBackup.Stores;
using Microsoft.Extensions.Time.Testing;

namespace EtcdBackup.Tests.Stores;

/// <summary>Each cluster's folder may be a volume of its own.</summary>
public class SilencePlaceTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_place_that_hangs_is_asked_no_more_and_others_are()
    {
        var time = new FakeTimeProvider();
        var limit = new SilenceLimit("the store", Silence, time);
        for (var i = 0; i < 8; i++)
        {
            var one = limit.In("one").WatchAsync("it", _ => new TaskCompletionSource<int>().Task, default);
            time.Advance(Silence);
            await Assert.ThrowsAsync<StoreException>(() => one);
        }

        var e = await Assert.ThrowsAsync<StoreException>(() => limit.In("one").WatchAsync("it", _ => Task.FromResult(1), default));
        Assert.Contains("8 calls", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, await limit.In("other").WatchAsync("it", _ => Task.FromResult(1), default));
        Assert.Equal(1, await limit.WatchAsync("it", _ => Task.FromResult(1), default));
    }
}
