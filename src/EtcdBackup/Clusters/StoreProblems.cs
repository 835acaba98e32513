namespace EtcdBackup.Clusters;

/// <summary>Checks the part of a spec that says where backups go.</summary>
internal static class StoreProblems
{
    public static IEnumerable<string> Of(BackupSpec backup)
    {
        switch (backup.StorageType)
        {
            case StorageType.S3 when backup.S3 is not { S3Bucket.Length: > 0 }:
                yield return "backup.storageType is S3, and backup.s3.s3Bucket is empty: name the bucket";
                break;
            case StorageType.ABS when backup.Abs is not { AbsContainer.Length: > 0 }:
                yield return "backup.storageType is ABS, and backup.abs.absContainer is empty: name the container";
                break;
            case StorageType.ABS when backup.Abs is { AbsSecret: "", Endpoint: "" }:
                yield return "backup.abs names no account: give absSecret, or endpoint (https://ACCOUNT.blob.core.windows.net) to log " +
                    "in with the machine's own identity";
                break;
        }

        foreach (var (field, secret) in new[] { ("s3.awsSecret", backup.S3?.AwsSecret), ("abs.absSecret", backup.Abs?.AbsSecret) })
        {
            if (secret is { Length: > 0 } && !secret.Split('.').All(ClusterKey.IsLabel))
            {
                yield return $"backup.{field} is '{secret}': write the name of a secret, as Kubernetes allows it, and no path";
            }
        }

        foreach (var (field, endpoint) in new[] { ("s3.endpoint", backup.S3?.Endpoint), ("abs.endpoint", backup.Abs?.Endpoint) })
        {
            if (endpoint is { Length: > 0 } && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            {
                yield return $"backup.{field} is '{endpoint}': write http://host:port or https://host";
            }
        }

        if (backup.S3 is { Prefix: var prefix } &&
            (prefix.StartsWith('/') || prefix.EndsWith('/') || prefix.Split('/').Any(p => p is "." or "..") ||
            prefix.Contains("//", StringComparison.Ordinal)))
        {
            yield return $"backup.s3.prefix is '{prefix}': write folder or folder/sub, without '/' at its ends";
        }
    }
}
