using Amazon.S3;
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
    private protected override Task<IBackupStore> CreateAsync() => Task.FromResult<IBackupStore>(new FileSystemStore(Directory.Path, Time));
}

public sealed class S3ContractTests(ObjectStores servers) : StoreContract
{
    private readonly string _bucket = "b" + Guid.NewGuid().ToString("N");
    private AmazonS3Client _client = null!;

    internal static AmazonS3Client Client(RadosGateway server)
    {
        var secret = new Secret("aws", new Dictionary<string, string> { ["credentials"] = RadosGateway.Credentials });
        return S3Clients.Create(new S3Spec { Endpoint = server.Endpoint, ForcePathStyle = true }, secret);
    }

    private protected override async Task<IBackupStore> CreateAsync()
    {
        _client = Client(await servers.S3);
        await _client.PutBucketAsync(_bucket);
        return new S3Store(_client, _bucket, "some/prefix", new Scratch(Directory.Path, Time), RemoteLimits.Default, Time, NullLogger.Instance);
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
        return new AzureBlobStore(_container, new Scratch(Directory.Path, Time), RemoteLimits.Default, Time, NullLogger.Instance);
    }

    private protected override async Task SentAsync() => await Workspace.UntilAsync(async () =>
    {
        await foreach (var blob in _container.GetBlobsAsync(new GetBlobsOptions { States = BlobStates.Uncommitted }))
        {
            return (await _container.GetBlockBlobClient(blob.Name).GetBlockListAsync(BlockListTypes.Uncommitted)).Value.UncommittedBlocks.Count() == 3;
        }

        return false;
    }, "three blocks are there");
}
