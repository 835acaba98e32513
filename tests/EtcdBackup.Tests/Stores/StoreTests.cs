using System.Security.Cryptography;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using EtcdBackup.Clusters;
using EtcdBackup.Secrets;
using EtcdBackup.Stores;
using EtcdBackup.Stores.AzureBlob;
using EtcdBackup.Stores.FileSystem;
using EtcdBackup.Stores.Remote;
using EtcdBackup.Stores.S3;
using EtcdBackup.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace EtcdBackup.Tests.Stores;

public sealed class FileSystemContractTests : StoreContract
{
    private protected override bool SeesWhoLives => true;

    private protected override Task<IBackupStore> CreateAsync() => Task.FromResult(Another());

    private protected override IBackupStore Another() => new FileSystemStore(Directory.Path, Time);
}

public sealed class S3ContractTests(ObjectStores servers) : StoreContract
{
    private readonly string _bucket = "b" + Guid.NewGuid().ToString("N");
    private AmazonS3Client _client = null!;

    [Theory]
    [InlineData(1000)]
    [InlineData(Large)]
    public async Task A_claim_of_a_dead_process_takes_a_name_until_it_is_swept(int size)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"some/prefix/{Folder}/{Name}")));
        var claim = new PutObjectRequest { BucketName = _bucket, Key = $"some/prefix/.scratch/claim-{hash}", ContentBody = "x" };
        await _client.PutObjectAsync(claim);
        await using var pending = await BeginAsync(Content(size), Name);
        Assert.False(await pending.TryCommitAsync(Name, CancellationToken.None));
        Assert.True(await pending.TryCommitAsync(Other, CancellationToken.None));

        // However soon the rest is swept, its owner has the time that completing may take.
        Time.Offset = TimeSpan.FromMinutes(5);
        Assert.Equal(0, await Store.SweepAsync(TimeSpan.FromSeconds(1), CancellationToken.None));
        Time.Offset = TimeSpan.FromHours(2);
        Assert.Equal(1, await Store.SweepAsync(TimeSpan.FromHours(1), CancellationToken.None));
        await using var next = await BeginAsync(Content(size), Name);
        Assert.True(await next.TryCommitAsync(Name, CancellationToken.None));
    }

    internal static AmazonS3Client Client(RadosGateway server)
    {
        var secret = new Secret("aws", new Dictionary<string, string> { ["credentials"] = RadosGateway.Credentials });
        return S3Clients.Create(new S3Spec { Endpoint = server.Endpoint, ForcePathStyle = true }, secret);
    }

    private protected override async Task<IBackupStore> CreateAsync()
    {
        _client = Client(await servers.S3);
        await _client.PutBucketAsync(_bucket);
        return Another();
    }

    private protected override IBackupStore Another()
    {
        var limits = RemoteLimits.Default with { Live = new() };
        return new S3Store(_client, _bucket, "some/prefix", new Scratch(Directory.Path, Time), limits, Time, NullLogger.Instance);
    }

    private protected override async Task SentAsync() => await Workspace.UntilAsync(async () =>
        (await _client.ListMultipartUploadsAsync(_bucket)).MultipartUploads is [var upload] &&
        (await _client.ListPartsAsync(_bucket, upload.Key, upload.UploadId)).Parts?.Count == 3, "three parts are there");
}

public sealed class AzureBlobContractTests(ObjectStores servers) : StoreContract
{
    private BlobContainerClient _container = null!;

    private protected override async Task<IBackupStore> CreateAsync()
    {
        _container = new BlobContainerClient(
            new Uri($"{(await servers.Azure).Endpoint}/c{Guid.NewGuid():N}"), new StorageSharedKeyCredential(Azurite.Account, Azurite.Key));
        await _container.CreateAsync();
        return Another();
    }

    private protected override IBackupStore Another() => new AzureBlobStore(
        _container, new Scratch(Directory.Path, Time), RemoteLimits.Default with { Live = new() }, Time, NullLogger.Instance);

    private protected override async Task SentAsync() => await Workspace.UntilAsync(async () =>
    {
        await foreach (var blob in _container.GetBlobsAsync(new GetBlobsOptions { States = BlobStates.Uncommitted }))
        {
            var blocks = await _container.GetBlockBlobClient(blob.Name).GetBlockListAsync(BlockListTypes.Uncommitted);
            return blocks.Value.UncommittedBlocks.Count() == 3;
        }

        return false;
    }, "three blocks are there");
}
