using System.CommandLine;
using System.Text.Json;
using EtcdBackup.Cli.Connecting;
using EtcdBackup.Cli.Exits;
using EtcdBackup.Cli.Output;

namespace EtcdBackup.Cli.Commands;

/// <summary>Lists a cluster's backups.</summary>
internal static class ListCommand
{
    private static readonly string[] Columns = ["NAME", "TAKEN", "REVISION", "ETCD", "SIZE", "STORED", "SOUND"];

    /// <summary>The command.</summary>
    public static Command Of(ServiceOptions options, Screen screen)
    {
        var command = new ClusterCommand("list", "List the stored backups of a cluster, newest first.", options);
        var output = OutputOption.AddTo(command, screen);
        command.Do(async call =>
        {
            var backups = await AllAsync(call);
            output.Write(
                call.Parsed, JsonSerializer.SerializeToElement(backups, CliJson.Default.ListJsonElement),
                () => backups.Select(b => b.Text("name")), () => screen.Table(Columns, backups.Select(Row)));
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<List<JsonElement>> AllAsync(ClusterCall call)
    {
        var all = new List<JsonElement>();
        for (string? from = ""; from is not null;)
        {
            var page = await call.GetAsync($"backups?limit=1000{from}");
            all.AddRange(page.List("items"));
            from = page.TryGetProperty("next", out var next) ? $"&from={next}" : null;
        }

        return all;
    }

    private static (string?, string[]) Row(JsonElement backup)
    {
        var isSound = backup.GetProperty("sound").GetBoolean();
        return (isSound ? null : "red",
        [
            backup.Text("name"), backup.Age("creationTime")!, backup.Text("revision"), backup.Text("version"),
            Say.Megabytes(backup.Number("size")), Say.Megabytes(backup.Number("storedSize")), isSound ? "yes" : "NO",
        ]);
    }
}
