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

        Assert.Equal([stores.Volume, stores.Spool, first], stores.All);
        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal([stores.Volume, stores.Spool], stores.All);
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

    [Theory]
    [InlineData(StorageType.S3)]
    [InlineData(StorageType.ABS)]
    public async Task A_resource_does_not_lead_to_the_services_own_machine(StorageType type)
    {
        var spec = TestSecrets.Spec(Endpoint, type) with { IsOfResource = true };
        _texts["storage-account"] = Azurite.Account;
        _texts["storage-key"] = Azurite.Key;
        var stores = new StoreProvider(
            new StoreOptions(_directory["volume"], _directory["scratch"]), new TestSecrets(_texts), TimeProvider.System,
            NullLoggerFactory.Instance);

        // The store of an operator's spec, with connections of its own, is another one.
        Assert.NotSame(
            await stores.ForAsync(spec with { IsOfResource = false }, CancellationToken.None),
            await stores.ForAsync(spec, CancellationToken.None));
        var told = await Assert.ThrowsAsync<StoreException>(async () =>
            await (await stores.ForAsync(spec, CancellationToken.None)).CheckAsync(CancellationToken.None));
        Assert.Contains("where a resource may not send the service", told.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StorageType.S3, "http://store.test:9000", "http://store.test:9000/bucket", "http://store.test:9000/bucket")]
    [InlineData(StorageType.S3, "", "s3://bucket", "s3://bucket")]
    [InlineData(StorageType.ABS, "https://store.test/", "https://store.test/bucket", "https://store.test/bucket")]
    public async Task Resources_use_the_services_own_identity_only_where_an_operator_allows_it(
        StorageType type, string endpoint, string allowed, string target)
    {
        var spec = TestSecrets.Spec(endpoint, type);
        var backup = spec.Backup with
        {
            S3 = spec.Backup.S3! with { AwsSecret = "", Region = "eu-central-1" },
            Abs = spec.Backup.Abs! with { AbsSecret = "", Endpoint = endpoint },
        };
        spec = spec with { IsOfResource = true, Backup = backup };
        var told = await Assert.ThrowsAsync<StoreException>(async () => await Stores().ForAsync(spec, CancellationToken.None));
        Assert.Contains($"'{target}', and the service's own identity is not for it", told.Message, StringComparison.Ordinal);
        Assert.NotNull(await Stores(limits: new ResourceLimits { OwnIdentityFor = [allowed] }).ForAsync(spec, CancellationToken.None));
        await Assert.ThrowsAsync<StoreException>(async () => await Stores(limits: new ResourceLimits { OwnIdentityFor = [allowed + "2"] })
            .ForAsync(spec, CancellationToken.None));
        Assert.NotNull(await Stores().ForAsync(spec with { IsOfResource = false }, CancellationToken.None));
    }

    private static async Task<IBackupStore> S3Async(StoreProvider stores, string bucket = "bucket") =>
        await stores.ForAsync(TestSecrets.Spec(Endpoint, StorageType.S3, bucket), CancellationToken.None);

    private StoreProvider Stores(Func<Task>? before = null, ResourceLimits? limits = null) => new(
        new StoreOptions(_directory["volume"], _directory["scratch"]) { Resources = limits ?? new ResourceLimits() },
        new TestSecrets(_texts) { Before = before ?? (() => Task.CompletedTask) },
        _time,
        NullLoggerFactory.Instance);
}
