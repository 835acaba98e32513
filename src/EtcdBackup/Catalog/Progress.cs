namespace EtcdBackup.Catalog;

/// <summary>What became of a cluster since it was last looked at.</summary>
internal enum Progress
{
    /// <summary>Same lineage, same revision.</summary>
    Unchanged,

    /// <summary>Same lineage, new revisions; or the first look.</summary>
    Advanced,

    /// <summary>
    /// Revision, term or index fell: another lineage under the same cluster id, or only lagging members answered. A linearizable read
    /// tells.
    /// </summary>
    WentBack,

    /// <summary>Another lineage for sure.</summary>
    OtherLineage,
}
