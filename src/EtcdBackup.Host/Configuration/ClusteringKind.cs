namespace EtcdBackup.Host.Configuration;

/// <summary>How silos find each other.</summary>
internal enum ClusteringKind
{
    /// <summary>One silo, by itself.</summary>
    Localhost,

    /// <summary>In Redis.</summary>
    Redis,

    /// <summary>In PostgreSQL.</summary>
    PostgreSQL,

    /// <summary>In one object of the Kubernetes API.</summary>
    Kubernetes,
}
