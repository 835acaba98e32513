namespace EtcdBackup.Clusters;

/// <summary>How far a cluster is on its way out.</summary>
internal enum ClusterStage
{
    /// <summary>It is backed up.</summary>
    Registered,

    /// <summary>No source named it for the grace: it is backed up no more, and its backups are there.</summary>
    Departed,

    /// <summary>Its backups were deleted too.</summary>
    BackupsDeleted,
}
