namespace EtcdBackup.Clusters;

/// <summary>How backups are encrypted at rest.</summary>
public enum Encryption
{
    /// <summary>Not by us.</summary>
    None,

    /// <summary>In the age format (the <c>age</c> command opens it).</summary>
    Age,
}
