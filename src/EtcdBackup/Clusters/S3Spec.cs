namespace EtcdBackup.Clusters;

/// <summary>Where backups go in S3, or in a store that speaks its protocol.</summary>
public sealed record S3Spec
{
    /// <summary>The bucket. It must exist.</summary>
    public string S3Bucket { get; init; } = "";

    /// <summary>What all keys begin with, without '/' at its ends; empty: nothing.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>
    /// A secret (a directory of files) with <c>credentials</c> and, if wanted, <c>config</c>, profile <c>default</c>.
    /// Empty: the default chain of the AWS SDK (environment, role, web identity).
    /// </summary>
    public string AwsSecret { get; init; } = "";

    /// <summary>URL of the store when it is not Amazon's.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary>Region; empty: what the secret's <c>config</c> or the SDK's environment says.</summary>
    public string Region { get; init; } = "";

    /// <summary>
    /// Whether the bucket is in the path (<c>http://host/bucket/key</c>) and not in the host name, as most stores other than Amazon's need.
    /// </summary>
    public bool ForcePathStyle { get; init; }
}
