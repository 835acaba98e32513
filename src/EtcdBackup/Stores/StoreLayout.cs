namespace EtcdBackup.Stores;

/// <summary>The two folders of every store. The first is the original service's.</summary>
internal static class StoreLayout
{
    /// <summary>Backups, as <c>v1/NAMESPACE/NAME/BACKUP</c>.</summary>
    public const string Backups = "v1";

    /// <summary>What is not a backup yet, and what asks a store how it behaves.</summary>
    public const string Hidden = ".scratch";
}
