namespace EtcdBackup.Host.Api;

/// <summary>The groups of routes in the OpenAPI document.</summary>
internal static class ApiTags
{
    public const string Clusters = "Clusters";
    public const string ByHost = "Cluster by host";
    public const string ByPath = "Cluster by path";
    public const string StoredBackups = "Stored backups";
}
