namespace EtcdBackup.Catalog;

/// <summary>What happened to a cluster since the last look.</summary>
internal enum Progress
{
    /// <summary>Same lineage, same revision.</summary>
    Unchanged,

    /// <summary>Same lineage, new revisions; or the first look.</summary>
    Advanced,

    /// <summary>
    /// Revision, term or index went back: a new lineage with the same cluster id, or only lagging members answered. A linearizable read
    /// decides.
    /// </summary>
    WentBack,

    /// <summary>Certainly a new lineage.</summary>
    OtherLineage,
}
