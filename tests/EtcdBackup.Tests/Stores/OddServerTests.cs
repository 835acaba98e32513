using EtcdBackup.Clusters;
using EtcdBackup.Secrets;
using EtcdBackup.Stores;
using EtcdBackup.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace EtcdBackup.Tests.Stores;

/// <summary>Servers that hang or answer nonsense: each call ends, with the store's own error.</summary>
public sealed class OddServerTests : IDisposable
{
    private const int MoreThanAPart = 9 * 1024 * 1024;
    private const string Begun = "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>";
    private const string Completed = "<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>";

    private readonly ScratchDirectory _directory = new();

    // Whether bytes were deleted, nobody can tell from an answer that says just "yes".
    public static TheoryData<string, StorageType> NonsenseCalls => Matrix((call, type) => call != "Delete" || type == StorageType.ABS);

    public static TheoryData<string, StorageType> Calls => Matrix((_, _) => true);

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_server_that_takes_connections_and_never_answers_is_given_up(string call, StorageType type)
    {
        using var server = new OddServer(_ => null);
        var store = await StoreAsync(server, type);
        var e = await Assert.ThrowsAsync<StoreException>(() => StoreCalls.AskAsync(store, call, CancellationToken.None));
        Assert.Contains("brought nothing for", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(NonsenseCalls))]
    public async Task A_server_that_says_hello_to_everything_is_no_store(string call, StorageType type)
    {
        using var server = new OddServer(_ => OddServer.Answer("200 OK", "hello"));
        var store = await StoreAsync(server, type, seconds: 30);
        await Assert.ThrowsAsync<StoreException>(() => StoreCalls.AskAsync(store, call, CancellationToken.None));
    }

    [Theory]
    [InlineData("List")]
    [InlineData("Commit")]
    [InlineData("Write")]
    [InlineData("Check")]
    public async Task A_server_that_knows_nothing_of_the_bucket_fails_as_a_store_does(string call)
    {
        using var server = new OddServer(_ => OddServer.Answer("404 Not Found"));
        var store = await StoreAsync(server, StorageType.S3, seconds: 30);
        var e = await Assert.ThrowsAsync<StoreException>(() => StoreCalls.AskAsync(store, call, CancellationToken.None));
        Assert.Contains("the bucket 'bucket'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StorageType.S3, 5)]
    [InlineData(StorageType.S3, MoreThanAPart)]
    [InlineData(StorageType.ABS, 5)]
    [InlineData(StorageType.ABS, MoreThanAPart)]
    public async Task A_server_that_takes_the_bytes_and_never_answers_is_given_up(StorageType type, int size)
    {
        using var server = new OddServer(request => request.StartsWith("PUT", StringComparison.Ordinal) ? null : Usual(request));
        var store = await StoreAsync(server, type);
        var e = await Assert.ThrowsAsync<StoreException>(() => StoreCalls.AskAsync(store, "Commit", CancellationToken.None, size));
        Assert.Contains("brought nothing for", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_claim_that_cannot_be_removed_hides_no_outcome()
    {
        var claims = 0;
        using var server = new OddServer(request =>
        {
            claims += request.StartsWith("DELETE /bucket/.scratch/claim-", StringComparison.Ordinal) ? 1 : 0;
            return Usual(request);
        });
        var store = await StoreAsync(server, StorageType.S3, seconds: 30);
        await using var pending = await store.BeginAsync("v1/a/b", 5, CancellationToken.None);
        await pending.AppendAsync(new byte[5], CancellationToken.None);
        Assert.True(await pending.TryCommitAsync("name", CancellationToken.None));
        Assert.Equal(1, claims);
    }

    private static TheoryData<string, StorageType> Matrix(Func<string, StorageType, bool> isMeant)
    {
        var data = new TheoryData<string, StorageType>();
        foreach (var type in new[] { StorageType.S3, StorageType.ABS })
        {
            // Beginning and adding ask no server.
            foreach (var call in StoreCalls.All.Where(c => c is not ("Begin" or "Append") && isMeant(c, type)))
            {
                data.Add(call, type);
            }
        }

        return data;
    }

    // An S3 store that has nothing, takes everything, knows no conditions, and lets nobody delete.
    private static string Usual(string request) => request.Split(' ') switch
    {
        ["POST", var target, ..] => OddServer.Answer("200 OK", target.Contains("uploadId", StringComparison.Ordinal) ? Completed : Begun),
        ["PUT", ..] => OddServer.Answer("200 OK", "", "ETag: \"e\""),
        ["DELETE", ..] => OddServer.Answer("403 Forbidden", "<Error><Code>AccessDenied</Code></Error>"),
        _ => OddServer.Answer("404 Not Found"),
    };

    private async Task<IBackupStore> StoreAsync(OddServer server, StorageType type, double seconds = 0.5)
    {
        var secrets = new TestSecrets(new Dictionary<string, string>
        {
            ["credentials"] = RadosGateway.Credentials,
            ["storage-account"] = Azurite.Account,
            ["storage-key"] = Azurite.Key,
        });
        var options = new StoreOptions(_directory["volume"], _directory["scratch"]) { Silence = TimeSpan.FromSeconds(seconds) };
        var stores = new StoreProvider(options, secrets, TimeProvider.System, NullLoggerFactory.Instance);
        return await stores.ForAsync(TestSecrets.Spec(server.Endpoint, type), CancellationToken.None);
    }
}

internal sealed class TestSecrets(Dictionary<string, string> texts) : ISecrets
{
    public Func<Task> Before { get; init; } = () => Task.CompletedTask;

    public static ClusterSpec Spec(string endpoint, StorageType type, string bucket = "bucket") => new()
    {
        Key = new ClusterKey("default", "example"),
        Endpoints = [],
        Backup = new BackupSpec
        {
            StorageType = type,
            S3 = new S3Spec { S3Bucket = bucket, AwsSecret = "secret", Endpoint = endpoint, ForcePathStyle = true },
            Abs = new AbsSpec { AbsContainer = bucket, AbsSecret = "secret", Endpoint = $"{endpoint}/{Azurite.Account}" },
        },
    };

    public async ValueTask<Secret> ReadAsync(string inNamespace, string name, CancellationToken cancellationToken)
    {
        await Before();
        return new Secret(name, texts);
    }
}
