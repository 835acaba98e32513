using System.Net;

namespace EtcdBackup.Clusters;

/// <summary>
/// What specs may make the service do that come from resources of Kubernetes: whoever may create one in a namespace writes them, and need
/// not be an operator of the service.
/// </summary>
public sealed record ResourceLimits
{
    /// <summary>
    /// Where connections to etcd and to stores may go; none: anywhere but to the machine itself, its links and its cloud.
    /// </summary>
    public IReadOnlyList<IPNetwork> AllowedAddresses { get; init; } = [];

    /// <summary>
    /// The targets that a spec without a secret may use with the service's own cloud identity, as <see cref="TargetOf"/>.
    /// </summary>
    public IReadOnlyList<string> OwnIdentityFor { get; init; } = [];

    /// <summary>
    /// The bucket or container of a spec as an address: <c>s3://BUCKET</c> at Amazon, else <c>ENDPOINT/BUCKET</c>; empty for a volume.
    /// </summary>
    public static string TargetOf(BackupSpec backup) => backup switch
    {
        { StorageType: StorageType.S3, S3: { Endpoint: "" } s3 } => $"s3://{s3.S3Bucket}",
        { StorageType: StorageType.S3, S3: { } s3 } => $"{s3.Endpoint.TrimEnd('/')}/{s3.S3Bucket}",
        { StorageType: StorageType.ABS, Abs: { } abs } => $"{abs.Endpoint.TrimEnd('/')}/{abs.AbsContainer}",
        _ => "",
    };

    /// <summary>Why a spec may not use the service's own identity; null if it may.</summary>
    public string? IdentityProblem(ClusterSpec spec) =>
        !spec.IsOfResource || OwnIdentityFor.Contains(TargetOf(spec.Backup), StringComparer.Ordinal) ? null
            : $"{spec.Key} names no secret for '{TargetOf(spec.Backup)}', and the service's own identity is not for it: name a secret " +
              "of its namespace, or let an operator add it to Kubernetes:OwnIdentityFor";
}
