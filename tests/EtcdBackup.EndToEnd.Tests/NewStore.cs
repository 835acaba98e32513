using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Azure.Storage;
using Azure.Storage.Blobs;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Buckets and containers for one test, and services that back up to them.</summary>
internal static class NewStore
{
    /// <summary>A service that backs up one cluster to a store of its own.</summary>
    /// <param name="servers">The stores.</param>
    /// <param name="etcd">The cluster.</param>
    /// <param name="type">The kind of store.</param>
    /// <param name="compression">The compression.</param>
    /// <param name="encryption">The encryption.</param>
    /// <param name="change">Changes the spec's <c>backup</c>.</param>
    /// <param name="start">Whether to start it.</param>
    /// <param name="lockObjects">Whether the bucket keeps each object for a day.</param>
    public static async Task<ServiceProcess> ServiceAsync(
        ObjectStores servers, EtcdServers etcd, string type, string compression = "None", string encryption = "None",
            Action<JsonNode>? change = null, bool start = true, bool lockObjects = false)
    {
        var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints));
        service.Config["Backups"]!["SecretsDirectory"] = service["secrets"];
        var backup = service.Config["Clusters"]![0]!["backup"]!;
        backup["storageType"] = type;
        backup["compression"] = compression;
        backup["encryption"] = encryption;
        if (type == "S3")
        {
            RadosGateway.WriteSecret(service["secrets/aws"]);
            backup["s3"] = await BucketAsync(await servers.S3, lockObjects);
        }
        else if (type == "ABS")
        {
            Azurite.WriteSecret(service["secrets/azure"]);
            backup["abs"] = await ContainerAsync(await servers.Azure);
        }

        if (encryption == "Age")
        {
            await ChildProcess.RunAsync("age-keygen", "-o", service["keys.txt"]);
            service.Config["Backups"]!["AgeKeyFile"] = service["keys.txt"];
        }

        change?.Invoke(backup);
        return start ? await service.StartAsync() : service;
    }

    /// <summary>What the service has in its scratch directory.</summary>
    public static string[] ScratchFiles(ServiceProcess service) =>
        Directory.Exists(service["data/scratch"]) ? Directory.GetFiles(service["data/scratch"]) : [];

    /// <summary>A client with all rights.</summary>
    public static AmazonS3Client Client(RadosGateway server) => new(
        RadosGateway.AccessKey,
        RadosGateway.SecretKey,
        new AmazonS3Config
        {
            ServiceURL = server.Endpoint,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        });

    /// <summary>Makes a bucket.</summary>
    /// <returns>What a spec says of it; the secret is named <c>aws</c>.</returns>
    public static async Task<JsonObject> BucketAsync(RadosGateway server, bool lockObjects = false)
    {
        using var client = Client(server);
        var bucket = "b" + Guid.NewGuid().ToString("N");
        await client.PutBucketAsync(new PutBucketRequest { BucketName = bucket, ObjectLockEnabledForBucket = lockObjects });
        if (lockObjects)
        {
            var keep = new DefaultRetention { Mode = ObjectLockRetentionMode.Compliance, Days = 1 };
            await client.PutObjectLockConfigurationAsync(new PutObjectLockConfigurationRequest
            {
                BucketName = bucket,
                ObjectLockConfiguration = new ObjectLockConfiguration
                {
                    ObjectLockEnabled = ObjectLockEnabled.Enabled,
                    Rule = new ObjectLockRule { DefaultRetention = keep },
                },
            });
        }

        return new JsonObject
        {
            ["s3Bucket"] = bucket,
            ["prefix"] = "prefix",
            ["awsSecret"] = "aws",
            ["endpoint"] = server.Endpoint,
            ["forcePathStyle"] = true,
        };
    }

    /// <summary>Makes a container.</summary>
    /// <returns>What a spec says of it; the secret is named <c>azure</c>.</returns>
    public static async Task<JsonObject> ContainerAsync(Azurite server)
    {
        var container = "c" + Guid.NewGuid().ToString("N");
        await new BlobContainerClient(
            new Uri($"{server.Endpoint}/{container}"), new StorageSharedKeyCredential(Azurite.Account, Azurite.Key)).CreateAsync();
        return new JsonObject { ["absContainer"] = container, ["absSecret"] = "azure", ["endpoint"] = server.Endpoint };
    }
}
