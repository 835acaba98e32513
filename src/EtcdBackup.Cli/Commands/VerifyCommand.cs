using System.CommandLine;
using System.Text.Json;
using EtcdBackup.Cli.Connecting;
using EtcdBackup.Cli.Exits;
using EtcdBackup.Cli.Inspecting;
using EtcdBackup.Cli.Output;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Cli.Commands;

/// <summary>Has a stored backup read back by the service, or reads a local file itself.</summary>
internal static class VerifyCommand
{
    /// <summary>The command.</summary>
    public static Command Of(ServiceOptions options, Screen screen)
    {
        var command = new ClusterCommand(
            "verify", "Have the service read every byte of a stored backup, and say whether it is sound; or read a local file (--file).",
            options);
        var backup = BackupOption.AddTo(command, "The backup's name; default: the newest.");
        var file = new Option<string?>("--file", "-f") { Description = "A snapshot file of this machine instead. Needs no service." };
        command.Options.Add(file);
        var output = OutputOption.AddTo(command, screen);
        command.Instead(file, [backup], (path, parsed, stop) => VerifyFileAsync(screen, output, parsed, path, stop));
        command.Do(async call =>
        {
            var name = call.Parsed.GetValue(backup) ?? await call.NewestAsync();
            var report = await call.Service.JsonAsync(HttpMethod.Post, $"{call.PathOf(name)}/verify", call.Stop);
            return Tell(screen, output, call.Parsed, name, report);
        });
        return command;
    }

    private static int Tell(Screen screen, OutputOption output, ParseResult parsed, string name, JsonElement report)
    {
        var verification = report.GetProperty("verification");
        var isSound = verification.GetProperty("sound").GetBoolean();
        output.Write(parsed, report, () => [name], () =>
            screen.Out.WriteLine(isSound ? $"sound: {name}" : $"damaged: {name}: {verification.Text("problem")}"));
        return isSound ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<int> VerifyFileAsync(
        Screen screen, OutputOption output, ParseResult parsed, string path, CancellationToken stop)
    {
        var verification = await JudgeAsync(path, stop);
        return Tell(
            screen, output, parsed, path, JsonSerializer.SerializeToElement(verification, FileJson.Default.FileVerification));
    }

    private static async Task<FileVerification> JudgeAsync(string path, CancellationToken stop)
    {
        try
        {
            var report = await LocalSnapshot.ReadAsync(path, everything: true, stop);
            var problem = report.Sha256 is null ? SnapshotDigest.Missing(report.Size)
                : report.Sha256IsRight is not true ? SnapshotDigest.Wrong(report.Size) : null;
            return new FileVerification(path, new Verdict(problem is null, problem), report.Snapshot);
        }
        catch (SnapshotCorruptException e)
        {
            return new FileVerification(path, new Verdict(false, e.Message), null);
        }
    }
}
