using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using EtcdBackup.Clusters;
using EtcdBackup.Secrets;
using EtcdBackup.Stores.Remote;

namespace EtcdBackup.Stores.S3;

/// <summary>Makes the SDK's client from a spec and its secret.</summary>
internal static class S3Clients
{
    // Where a region may stand; the first that names one counts.
    private static readonly string[] Files = ["config", "credentials"];

    public static AmazonS3Client Create(S3Spec spec, Secret? secret, TimeSpan? silence = null, StoreConnections? connections = null)
    {
        var most = silence ?? RemoteLimits.Default.Silence;
        var config = new AmazonS3Config
        {
            // StoreEdge limits silence; these only end abandoned calls. A part over a slow line needs time.
            Timeout = most * SilenceLimit.Patience,
            ConnectTimeout = most / 3,
            ForcePathStyle = spec.ForcePathStyle,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = 4,
            // The default is 8 KiB, and each costs two system calls; above 85 000 bytes buffers stay in the large object heap.
            BufferSize = 64 * 1024,
            // Stores other than Amazon's often do not support trailing checksums; the signature covers the bytes.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        var region = spec.Region != "" ? spec.Region : RegionOf(secret);
        if (spec.Endpoint != "")
        {
            config.ServiceURL = spec.Endpoint;
            config.AuthenticationRegion = region ?? "us-east-1";
        }
        else if (region is not null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        var made = (connections ?? StoreConnections.Default).With(secret);
        if (made.AreOurs)
        {
            config.HttpClientFactory = new OwnConnections(made);
        }

        try
        {
            return secret is null ? new AmazonS3Client(config)
                : new AmazonS3Client(AwsProfile.CredentialsOf(secret["credentials"]), config);
        }
        catch (AmazonClientException e)
        {
            throw new StoreException($"no client for the bucket '{spec.S3Bucket}': {e.Message}. Set s3.region, or s3.awsSecret", e);
        }
    }

    private static string? RegionOf(Secret? secret) =>
        Files.Select(name => secret?.Find(name) is { } file ? AwsProfile.RegionOf(name, file) : null).FirstOrDefault(r => r is not null);

    /// <summary>The SDK's way to another HTTP handler.</summary>
    private sealed class OwnConnections(StoreConnections connections) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) =>
            new(connections.CreateHandler()) { Timeout = clientConfig.Timeout ?? Timeout.InfiniteTimeSpan };
    }
}
