using System.CommandLine;
using System.Text.Json;
using EtcdBackup.Cli.Connecting;
using EtcdBackup.Cli.Exits;
using EtcdBackup.Cli.Output;

namespace EtcdBackup.Cli.Commands;

/// <summary>Shows how a cluster's backups are.</summary>
internal static class StatusCommand
{
    private static readonly string[] Runs = ["STARTED", "RESULT", "SECONDS", "MESSAGE"];

    /// <summary>The command.</summary>
    public static Command Of(ServiceOptions options, Screen screen)
    {
        var command = new ClusterCommand("status", "Show a cluster's latest backup, its last runs, members and warnings.", options);
        var output = OutputOption.AddTo(command, screen);
        command.Do(async call =>
        {
            var status = await call.GetAsync("status");
            output.Write(call.Parsed, status, () => [$"{status.Text("namespace")}/{status.Text("name")}"], () => Show(screen, status));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Show(Screen screen, JsonElement status)
    {
        screen.Pairs(
        [
            ("Cluster", $"{status.Text("namespace")}/{status.Text("name")}"),
            ("Latest backup", status.TryGetProperty("recentBackup", out var recent) ? Backup(recent) : "none"),
            ("Backups", $"{status.Text("backups")}, {Say.Megabytes(status.Number("backupSize"))}"),
            ("Last success", status.Age("lastSuccess") ?? "never"),
            ("Failures in a row", status.Text("failuresInRow")),
            ("Next due", status.Age("nextDue") ?? "-"),
            .. Problems(status),
            .. status.List("members").Select(m => ("Member", Member(m))),
        ]);
        if (status.List("lastRuns") is { Count: > 0 } runs)
        {
            screen.Out.WriteLine();
            screen.Table(Runs, runs.Select(r => (
                r.Text("result") is "succeeded" or "unchanged" ? null : "red",
                new[] { r.Age("startedAt")!, r.Text("result"), r.Text("seconds"), r.Text("message") })));
        }
    }

    private static string Backup(JsonElement backup) =>
        $"revision {backup.Text("revision")}, etcd {backup.Text("version")}, {Say.Megabytes(backup.Number("size"))}, " +
            $"taken {backup.Age("creationTime")}";

    private static IEnumerable<(string, string)> Problems(JsonElement status) =>
    [
        .. status.TryGetProperty("running", out var running)
            ? [("Running", Say.Progress(running))] : Array.Empty<(string, string)>(),
        .. new[] { ("Store", "storeProblem"), ("Members differ", "membersDiffer") }
            .Where(p => status.TryGetProperty(p.Item2, out _)).Select(p => (p.Item1, status.Text(p.Item2))),
        .. status.List("damaged").Select(d => ("Damaged", d.ToString())),
        .. status.List("warnings").Select(w => ("Warning", w.ToString())),
    ];

    private static string Member(JsonElement member) => member.TryGetProperty("problem", out var problem)
        ? $"{member.Text("address")}: {problem}"
        : $"{member.Text("address")}: {member.Text("role")}, etcd {member.Text("version")}, revision {member.Text("revision")}, " +
            Say.Megabytes(member.Number("dbSize"));
}
