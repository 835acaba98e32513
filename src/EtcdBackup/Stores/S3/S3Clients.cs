using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;
using EtcdBackup.Clusters;
using EtcdBackup.Secrets;
using EtcdBackup.Stores.Remote;

namespace EtcdBackup.Stores.S3;

/// <summary>Makes the SDK's client from a spec and its secret.</summary>
internal static class S3Clients
{
    private const string Profile = "default";

    public static AmazonS3Client Create(S3Spec spec, Secret? secret, TimeSpan? silence = null)
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

    // The SDK reads profiles only from files. Nobody else can open the directory.
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
            // The profile was read. Its copy stays where nobody else can read it, which is no reason to fail a backup.
        }
    }
}
