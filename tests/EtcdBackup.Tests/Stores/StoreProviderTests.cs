using EtcdBackup.Clusters;
using EtcdBackup.Stores;
using EtcdBackup.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EtcdBackup.Tests.Stores;

public sealed class StoreProviderTests : IDisposable
{
    private const string Endpoint = "http://127.0.0.1:1";

    private readonly ScratchDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Dictionary<string, string> _texts = new() { ["credentials"] = RadosGateway.Credentials };

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_store_is_shared_while_somebody_uses_it_and_let_go_afterwards()
    {
        var stores = Stores();
        var first = await S3Async(stores);
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(10));
            Assert.Same(first, await S3Async(stores));
        }

        Assert.Equal([stores.Volume, first], stores.All);
        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal([stores.Volume], stores.All);
        Assert.NotSame(first, await S3Async(stores));
    }

    [Fact]
    public async Task A_renewed_secret_and_another_bucket_make_another_store()
    {
        var stores = Stores();
        var first = await S3Async(stores);
        Assert.NotSame(first, await S3Async(stores, "other"));
        _texts["credentials"] = _texts["credentials"].Replace("secret_access_key = ", "secret_access_key = x", StringComparison.Ordinal);
        var renewed = await S3Async(stores);
        Assert.NotSame(first, renewed);
        Assert.Same(renewed, await S3Async(stores));
    }

    [Theory]
    [InlineData("no address at all")]
    [InlineData("ftp://[")]
    public async Task What_makes_no_client_is_told_and_leaves_nothing_behind(string endpoint)
    {
        var stores = Stores();
        foreach (var type in new[] { StorageType.S3, StorageType.ABS })
        {
            var spec = TestSecrets.Spec(endpoint, type);
            await Assert.ThrowsAsync<StoreException>(async () =>
            {
                var store = await stores.ForAsync(spec, CancellationToken.None);
                await store.CheckAsync(CancellationToken.None);
            });
        }
    }

    [Fact]
    public async Task A_secret_that_is_never_given_is_given_up()
    {
        var stores = Stores(() => new TaskCompletionSource().Task);
        var asked = S3Async(stores);
        while (!asked.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(31));
            await Task.WhenAny(asked, Task.Delay(5));
        }

        var e = await Assert.ThrowsAsync<StoreException>(() => asked);
        Assert.Contains("the secret 'secret' of default/example", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_fails_in_any_way_is_told_as_the_stores_error()
    {
        var stores = Stores(() => throw new InvalidOperationException("the API server is on fire"));
        var e = await Assert.ThrowsAsync<StoreException>(() => S3Async(stores));
        Assert.Contains("on fire", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_is_known_by_its_server_and_its_bucket()
    {
        var s3 = TestSecrets.Spec("http://one:9000/", StorageType.S3).Backup;
        Assert.Equal("s3 http://one:9000 bucket", StoreProvider.PlaceOf(s3));
        Assert.Equal("s3 amazonaws bucket", StoreProvider.PlaceOf(s3 with { S3 = s3.S3! with { Endpoint = "", Prefix = "any" } }));
        var abs = TestSecrets.Spec("http://one:9000", StorageType.ABS).Backup;
        Assert.Equal($"abs http://one:9000/{Azurite.Account} bucket", StoreProvider.PlaceOf(abs));
        Assert.Equal("abs secret bucket", StoreProvider.PlaceOf(abs with { Abs = abs.Abs! with { Endpoint = "" } }));
        Assert.Equal("volume", StoreProvider.PlaceOf(new BackupSpec()));
    }

    [Fact]
    public void The_sweep_of_scratch_takes_what_verifications_left()
    {
        var stores = Stores();
        Assert.True(stores.VerifyScratch.KeepsRoomForBackups);
        File.WriteAllText(stores.VerifyScratch.NewPath(), "");
        _time.SetUtcNow(DateTimeOffset.UtcNow.AddDays(1));
        Assert.Equal(1, stores.Scratch.Sweep(TimeSpan.FromHours(1), CancellationToken.None));
    }

    private static async Task<IBackupStore> S3Async(StoreProvider stores, string bucket = "bucket") =>
        await stores.ForAsync(TestSecrets.Spec(Endpoint, StorageType.S3, bucket), CancellationToken.None);

    private StoreProvider Stores(Func<Task>? before = null) => new(
        new StoreOptions(_directory["volume"], _directory["scratch"]),
        new TestSecrets(_texts) { Before = before ?? (() => Task.CompletedTask) },
        _time,
        NullLoggerFactory.Instance);
}
