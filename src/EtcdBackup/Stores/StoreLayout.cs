namespace EtcdBackup.Stores;

/// <summary>The two folders of every store. The first is the original service's.</summary>
internal static class StoreLayout
{
    /// <summary>Backups, as <c>v1/NAMESPACE/NAME/BACKUP</c>.</summary>
    public const string Backups = "v1";

    /// <summary>Objects that are not backups yet, and those that test how a store behaves.</summary>
    public const string Hidden = ".scratch";
}
