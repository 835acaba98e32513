namespace EtcdBackup.Clusters;

/// <summary>How far the removal of a cluster is.</summary>
internal enum ClusterStage
{
    /// <summary>It is backed up.</summary>
    Registered,

    /// <summary>No source named it for the grace: it is no longer backed up, and its backups are still stored.</summary>
    Departed,

    /// <summary>Its backups were deleted too.</summary>
    BackupsDeleted,
}
