using System.CommandLine;

namespace EtcdBackup.Cli.Connecting;

/// <summary>The stored backup that is meant.</summary>
internal static class BackupOption
{
    /// <summary>Adds the option to a command.</summary>
    public static Option<string?> AddTo(Command command, string description)
    {
        var option = new Option<string?>("--backup", "-b") { Description = description };
        command.Options.Add(option);
        return option;
    }
}
