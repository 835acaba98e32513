namespace EtcdBackup.Upkeep;

/// <summary>The result of a deletion of a backup.</summary>
public enum Deletion
{
    /// <summary>It was deleted.</summary>
    Deleted,

    /// <summary>There is no such backup.</summary>
    NotFound,

    /// <summary>It is the last sound one, and the deletion was not forced.</summary>
    LastSound,

    /// <summary>It, or a backup that may go only because this one stays, is being removed by another at this moment.</summary>
    Busy,
}
