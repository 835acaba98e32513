namespace EtcdBackup.Clusters;

/// <summary>Where backups go in Azure Blob Storage.</summary>
public sealed record AbsSpec
{
    /// <summary>The container. It must exist.</summary>
    public string AbsContainer { get; init; } = "";

    /// <summary>
    /// A secret (a directory of files) with <c>storage-account</c> and <c>storage-key</c>.
    /// Empty: the default credential of Azure.Identity (managed or workload identity); <see cref="Endpoint"/> must name the account.
    /// </summary>
    public string AbsSecret { get; init; } = "";

    /// <summary>URL of the account's blob service; empty: <c>https://ACCOUNT.blob.core.windows.net</c>.</summary>
    public string Endpoint { get; init; } = "";
}
