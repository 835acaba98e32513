namespace EtcdBackup.Cli.Exits;

/// <summary>A command cannot be done.</summary>
/// <param name="exitCode">What the program ends with.</param>
/// <param name="message">What happened, and what to do next.</param>
internal sealed class CommandException(int exitCode, string message) : Exception(message)
{
    /// <summary>What the program ends with.</summary>
    public int ExitCode { get; } = exitCode;
}
