namespace EtcdBackup.Cli.Output;

/// <summary>How a result is written.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>What the service answered.</summary>
    Json,

    /// <summary>Names alone, a line each.</summary>
    Name,
}
