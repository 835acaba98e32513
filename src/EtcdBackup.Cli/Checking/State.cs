namespace EtcdBackup.Cli.Checking;

/// <summary>How a service is, with the exit codes of the monitoring plugins (Monitoring Plugins Development Guidelines).</summary>
internal enum State
{
    /// <summary>All is well.</summary>
    Ok = 0,

    /// <summary>Somebody should look.</summary>
    Warning = 1,

    /// <summary>Somebody must look now.</summary>
    Critical = 2,

    /// <summary>It could not be found out.</summary>
    Unknown = 3,
}
