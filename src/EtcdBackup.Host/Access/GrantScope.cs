namespace EtcdBackup.Host.Access;

/// <summary>For which clusters a grant is needed.</summary>
internal enum GrantScope
{
    /// <summary>The one that the request names.</summary>
    Cluster,

    /// <summary>Some: the answer shows no others.</summary>
    Some,

    /// <summary>All of them.</summary>
    All,
}
