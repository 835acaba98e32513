using System.CommandLine;
using System.Text.Json;
using EtcdBackup.Cli.Exits;
using EtcdBackup.Cli.Output;

namespace EtcdBackup.Cli.Connecting;

/// <summary>One run of a command for one cluster.</summary>
/// <param name="Service">The service.</param>
/// <param name="Path">The cluster's path in the API.</param>
/// <param name="Parsed">The command line.</param>
/// <param name="Stop">The user interrupts it.</param>
internal sealed record ClusterCall(ServiceClient Service, string Path, ParseResult Parsed, CancellationToken Stop)
{
    /// <summary>Asks for a document of the cluster.</summary>
    /// <exception cref="CommandException">There is no answer, or an error.</exception>
    public Task<JsonElement> GetAsync(string what) => Service.GetAsync($"{Path}/{what}", Stop);

    /// <summary>The path of a stored backup.</summary>
    public string PathOf(string backup) => $"{Path}/backups/{Uri.EscapeDataString(backup)}";

    /// <summary>The name of the newest backup.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public async Task<string> NewestAsync() => (await GetAsync("backups?limit=1")).List("items") is [var newest] ? newest.Text("name")
        : throw new CommandException(ExitCode.NotFound, "there is no backup yet: 'etcdbackup now' takes one");
}
