namespace EtcdBackup.Upkeep;

/// <summary>How the deletion of a backup came out.</summary>
public enum Deletion
{
    /// <summary>It is gone.</summary>
    Deleted,

    /// <summary>There is no such backup.</summary>
    NotFound,

    /// <summary>It is the last sound one, and nobody forced it.</summary>
    LastSound,
}
