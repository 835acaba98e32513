namespace EtcdBackup.Clusters;

/// <summary>How backups are encrypted in the store.</summary>
public enum Encryption
{
    /// <summary>Not encrypted by this service.</summary>
    None,

    /// <summary>In the age format (the <c>age</c> command opens it).</summary>
    Age,
}
