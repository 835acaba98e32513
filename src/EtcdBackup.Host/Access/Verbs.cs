namespace EtcdBackup.Host.Access;

/// <summary>What a caller may be allowed to do.</summary>
internal static class Verbs
{
    /// <summary>See how the backups stand, and list them.</summary>
    public const string Status = "status";

    /// <summary>Take a backup, and have a stored one read back.</summary>
    public const string Create = "backup:create";

    /// <summary>Download backups: whoever may owns the cluster's secrets.</summary>
    public const string Read = "backup:read";

    /// <summary>Delete a stored backup.</summary>
    public const string Delete = "backup:delete";

    /// <summary>Remove a cluster, and see the dashboard.</summary>
    public const string Admin = "admin";

    /// <summary>All of them.</summary>
    public const string All = "*";

    /// <summary>Every verb.</summary>
    public static readonly IReadOnlyList<string> Known = [Status, Create, Read, Delete, Admin, All];
}
