using Amazon.S3.Model;
using Azure.Storage.Blobs;
using EtcdBackup.Clusters;
using EtcdBackup.Stores;
using EtcdBackup.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace EtcdBackup.Tests.Stores;

/// <summary>Stores whose certificate no public authority issued.</summary>
public sealed class PrivateAuthorityTests(ObjectStores servers) : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly TestAuthority _authority = new("private");

    [Theory]
    [InlineData(StorageType.S3, "secret")]
    [InlineData(StorageType.S3, "setting")]
    [InlineData(StorageType.ABS, "secret")]
    [InlineData(StorageType.ABS, "setting")]
    public async Task A_store_of_a_private_authority_is_used_with_its_certificate(StorageType type, string where)
    {
        using var proxy = await ProxyAsync(type, _authority.Issue("store", "store.test"));
        var spec = await SpecAsync(type, proxy);
        File.WriteAllText(_directory["ca.pem"], _authority.Pem);
        var store = await Provider(type, where == "secret" ? _authority.Pem : null, where == "setting" ? _directory["ca.pem"] : "")
            .ForAsync(spec, CancellationToken.None);
        await store.WriteDocumentAsync("v1/default/example/note.json", "{}"u8.ToArray(), CancellationToken.None);
        Assert.Equal("{}"u8.ToArray(), await store.ReadDocumentAsync("v1/default/example/note.json", CancellationToken.None));
    }

    [Theory]
    [InlineData(StorageType.S3, "no authority", "certificate")]
    [InlineData(StorageType.S3, "another authority", "which is not in 'ca.crt' of the secret 'store'")]
    [InlineData(StorageType.ABS, "another authority", "which is not in 'ca.crt' of the secret 'store'")]
    [InlineData(StorageType.S3, "expired", "its certificate expired at 20")]
    [InlineData(StorageType.ABS, "expired", "its certificate expired at 20")]
    [InlineData(StorageType.S3, "no certificate", "'ca.crt' of the secret 'store' cannot be used: it holds no certificate")]
    public async Task A_fault_of_the_certificate_is_told(StorageType type, string fault, string message)
    {
        using var another = new TestAuthority("another");
        using var proxy = await ProxyAsync(
            type, _authority.Issue("store", "store.test", hours: fault == "expired" ? (-20, -10) : null));
        var spec = await SpecAsync(type, proxy);
        var stores = Provider(type, fault switch
        {
            "no authority" => null,
            "another authority" => another.Pem,
            "no certificate" => "none",
            _ => _authority.Pem,
        }, "");
        var told = await Assert.ThrowsAnyAsync<StoreException>(async () =>
            await (await stores.ForAsync(spec, CancellationToken.None)).CheckAsync(CancellationToken.None));
        Assert.Contains(message, told.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }

    private async Task<TlsProxy> ProxyAsync(StorageType type, (string Certificate, string Key) pair) => new(
        type == StorageType.S3 ? (await servers.S3).Endpoint : (await servers.Azure).Endpoint, pair.Certificate, pair.Key);

    private async Task<ClusterSpec> SpecAsync(StorageType type, TlsProxy proxy)
    {
        var name = $"private-{Guid.NewGuid():N}"[..20];
        if (type == StorageType.S3)
        {
            using var client = S3ContractTests.Client(await servers.S3);
            await client.PutBucketAsync(new PutBucketRequest { BucketName = name });
        }
        else
        {
            await new BlobContainerClient(
                new Uri($"{(await servers.Azure).Endpoint}/{name}"),
                new Azure.Storage.StorageSharedKeyCredential(Azurite.Account, Azurite.Key)).CreateAsync();
        }

        return new ClusterSpec
        {
            Key = new ClusterKey("default", "example"),
            Endpoints = [new Uri("http://127.0.0.1:1")],
            Backup = new BackupSpec
            {
                StorageType = type,
                S3 = new S3Spec { S3Bucket = name, Endpoint = proxy.Url, ForcePathStyle = true, AwsSecret = "store" },
                Abs = new AbsSpec { AbsContainer = name, Endpoint = proxy.Url, AbsSecret = "store" },
            },
        };
    }

    private StoreProvider Provider(StorageType type, string? authority, string caFile)
    {
        var texts = type == StorageType.S3 ? new Dictionary<string, string> { ["credentials"] = RadosGateway.Credentials }
            : new() { ["storage-account"] = Azurite.Account, ["storage-key"] = Azurite.Key };
        if (authority is not null)
        {
            texts["ca.crt"] = authority;
        }

        var options = new StoreOptions(_directory["volume"], _directory["scratch"]) { CaFile = caFile };
        return new StoreProvider(options, new TestSecrets(texts), TimeProvider.System, NullLoggerFactory.Instance);
    }
}
