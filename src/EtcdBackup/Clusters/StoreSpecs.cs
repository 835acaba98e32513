namespace EtcdBackup.Clusters;

/// <summary>Where in S3, or in a store that speaks its protocol, backups go.</summary>
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
    /// The bucket in the path (<c>http://host/bucket/key</c>) and not in the host name; most stores that are not Amazon's want it.
    /// </summary>
    public bool ForcePathStyle { get; init; }
}

/// <summary>Where in Azure Blob Storage backups go.</summary>
public sealed record AbsSpec
{
    /// <summary>The container. It must exist.</summary>
    public string AbsContainer { get; init; } = "";

    /// <summary>
    /// A secret (a directory of files) with <c>storage-account</c> and <c>storage-key</c>.
    /// Empty: the default credential of Azure.Identity (managed or workload identity), and <see cref="Endpoint"/> names the account.
    /// </summary>
    public string AbsSecret { get; init; } = "";

    /// <summary>URL of the account's blob service; empty: <c>https://ACCOUNT.blob.core.windows.net</c>.</summary>
    public string Endpoint { get; init; } = "";
}

/// <summary>How backups are compressed at rest.</summary>
public enum Compression
{
    /// <summary>Not.</summary>
    None,

    /// <summary>Zstandard, in frames of their own (the <c>zstd</c> command opens it).</summary>
    Zstd,
}

/// <summary>How backups are encrypted at rest.</summary>
public enum Encryption
{
    /// <summary>Not by us.</summary>
    None,

    /// <summary>In the age format (the <c>age</c> command opens it).</summary>
    Age,
}
