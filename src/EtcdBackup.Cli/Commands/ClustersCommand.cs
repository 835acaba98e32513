using System.CommandLine;
using System.Text.Json;
using EtcdBackup.Cli.Connecting;
using EtcdBackup.Cli.Output;

namespace EtcdBackup.Cli.Commands;

/// <summary>Lists the clusters.</summary>
internal static class ClustersCommand
{
    private static readonly string[] Columns = ["NAMESPACE", "NAME", "LAST SUCCESS", "LAST RUN", "FAILURES", "NEXT DUE", "SILO"];

    /// <summary>The command.</summary>
    public static Command Of(ServiceOptions options, Screen screen)
    {
        var command = new Command("clusters", "List the clusters, those that are not well first.");
        var output = OutputOption.AddTo(command, screen);
        command.SetAction(async (parsed, stop) =>
        {
            using var service = options.Connect(parsed);
            var clusters = await service.GetAsync("/v1/clusters", stop);
            output.Write(
                parsed, clusters, () => clusters.EnumerateArray().Select(c => $"{c.Text("namespace")}/{c.Text("name")}"),
                () => screen.Table(Columns, clusters.EnumerateArray().OrderByDescending(c => c.Number("failuresInRow")).Select(Row)));
        });
        return command;
    }

    private static (string?, string[]) Row(JsonElement cluster)
    {
        var failures = cluster.Text("failuresInRow");
        var run = cluster.TryGetProperty("running", out _) ? "running"
            : cluster.TryGetProperty("lastRun", out var last) ? last.Text("result") : "-";
        return (failures == "0" ? null : "red",
        [
            cluster.Text("namespace"), cluster.Text("name"), cluster.Age("lastSuccess") ?? "never", run, failures,
            cluster.Age("nextDue") ?? "-", cluster.Text("silo"),
        ]);
    }
}
