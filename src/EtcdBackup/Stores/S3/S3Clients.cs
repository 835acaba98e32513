using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using EtcdBackup.Clusters;
using EtcdBackup.Secrets;
using EtcdBackup.Stores.Remote;

namespace EtcdBackup.Stores.S3;

/// <summary>Makes the SDK's client for a spec and its secret.</summary>
internal static class S3Clients
{
    private const string Profile = "default";

    public static AmazonS3Client Create(S3Spec spec, Secret? secret, TimeSpan? silence = null)
    {
        var most = silence ?? RemoteLimits.Default.Silence;
        var config = new AmazonS3Config
        {
            // Silence is measured elsewhere; these only end what was left to itself. A part over a slow line needs its time.
            Timeout = most * SilenceLimit.Patience,
            ConnectTimeout = most / 3,
            ForcePathStyle = spec.ForcePathStyle,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = 4,
            // 8 KiB unless told, and each costs two calls of the kernel; above 85 000 bytes the collector keeps them for long.
            BufferSize = 64 * 1024,
            // Stores that are not Amazon's often know no trailing checksums; the signature covers the bytes.
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

        try
        {
            return secret is null ? new AmazonS3Client(config) : new AmazonS3Client(CredentialsOf(secret), config);
        }
        catch (AmazonClientException e)
        {
            throw new StoreException($"no client for the bucket '{spec.S3Bucket}': {e.Message}. Set s3.region, or s3.awsSecret", e);
        }
    }

    private static AWSCredentials CredentialsOf(Secret secret) =>
        ProfileOf(secret["credentials"]) is { } profile && AWSCredentialsFactory.TryGetAWSCredentials(profile, null, out var credentials)
            ? credentials
            : throw new StoreException(
                $"the secret's file 'credentials' has no usable profile [{Profile}] with aws_access_key_id and aws_secret_access_key");

    private static string? RegionOf(Secret? secret) =>
        secret?.Find("config") is { } config ? ProfileOf(config)?.Region?.SystemName : null;

    // The SDK reads profiles from files alone. The directory is open to nobody else.
    private static CredentialProfile? ProfileOf(string text)
    {
        var directory = Directory.CreateTempSubdirectory("etcdbackup-");
        try
        {
            var file = Path.Combine(directory.FullName, "credentials");
            File.WriteAllText(file, text);
            return new SharedCredentialsFile(file).TryGetProfile(Profile, out var profile) ? profile : null;
        }
        finally
        {
            Remove(directory);
        }
    }

    private static void Remove(DirectoryInfo directory)
    {
        try
        {
            directory.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The profile was read: that its copy stays, where nobody else can read it, is no reason to make no backup.
        }
    }
}
