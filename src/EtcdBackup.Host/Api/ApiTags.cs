namespace EtcdBackup.Host.Api;

/// <summary>The groups that the OpenAPI document shows the routes in.</summary>
internal static class ApiTags
{
    public const string Clusters = "Clusters";
    public const string ByHost = "Cluster by host";
    public const string ByPath = "Cluster by path";
    public const string StoredBackups = "Stored backups";
}
