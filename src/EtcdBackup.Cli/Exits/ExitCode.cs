namespace EtcdBackup.Cli.Exits;

/// <summary>What the program ends with; <c>check</c> has those of the monitoring plugins instead.</summary>
internal static class ExitCode
{
    /// <summary>It was done.</summary>
    public const int Done = 0;

    /// <summary>The service could not do it, and said why; or a backup or a file is damaged.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong, or a file that it names.</summary>
    public const int Usage = 2;

    /// <summary>The service does not answer.</summary>
    public const int Away = 3;

    /// <summary>The login is missing, wrong, or not enough.</summary>
    public const int Denied = 4;

    /// <summary>There is no such cluster or backup.</summary>
    public const int NotFound = 5;

    /// <summary>It was interrupted.</summary>
    public const int Interrupted = 130;
}
