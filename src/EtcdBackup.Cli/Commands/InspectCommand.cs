using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EtcdBackup.Cli.Exits;
using EtcdBackup.Cli.Inspecting;
using EtcdBackup.Cli.Output;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Cli.Commands;

/// <summary>Shows what is in a snapshot file, without the service.</summary>
internal static class InspectCommand
{
    private static readonly string[] Columns = ["BUCKET", "ENTRIES", "BYTES"];

    /// <summary>The command.</summary>
    public static Command Of(Screen screen)
    {
        var file = new Argument<string>("file") { Description = "A snapshot, as 'etcdbackup get' or 'etcdctl snapshot save' brings it." };
        var all = new Option<bool>("--all", "-a")
        {
            Description = "Also compare the SHA-256 at its end, count the keys that exist, and compute HashKV.",
        };
        var command = new Command("inspect", "Show what is in a snapshot file of this machine. Needs no service.") { file, all };
        var output = OutputOption.AddTo(command, screen);
        command.SetAction(async (parsed, stop) =>
        {
            var path = parsed.GetValue(file)!;
            return await ShowAsync(screen, output, parsed, path, parsed.GetValue(all), stop);
        });
        return command;
    }

    private static async Task<int> ShowAsync(
        Screen screen, OutputOption output, ParseResult parsed, string path, bool everything, CancellationToken stop)
    {
        try
        {
            var report = await LocalSnapshot.ReadAsync(path, everything, stop);
            output.Write(
                parsed, JsonSerializer.SerializeToElement(report, FileJson.Default.FileReport), () => [path], () => Show(screen, report));
            return report is { Sha256: not null, Sha256IsRight: false } ? ExitCode.Failed : ExitCode.Done;
        }
        catch (SnapshotCorruptException e)
        {
            throw new CommandException(ExitCode.Failed, $"'{path}' is no sound snapshot: {e.Message}");
        }
    }

    private static void Show(Screen screen, FileReport report)
    {
        var snapshot = report.Snapshot;
        screen.Pairs(
        [
            ("File", $"{report.File}, {Bytes(report.Size)}"),
            ("SHA-256", Digest(report)),
            ("Status hash", Hash(report.StatusHash)),
            ("Revision", $"{snapshot.Revision}, compacted up to {snapshot.CompactedRevision}" +
                (snapshot.ScheduledCompactRevision > snapshot.CompactedRevision
                    ? $", in the middle of a compaction up to {snapshot.ScheduledCompactRevision}" : "")),
            ("Raft", $"index {Number(snapshot.ConsistentIndex)}, term {Number(snapshot.Term)}"),
            ("Version", $"storage {snapshot.StorageVersion ?? "before 3.6"}, cluster {snapshot.ClusterVersion ?? "unknown"}"),
            ("Entries", $"{snapshot.TotalKeys}, of them {snapshot.Revisions} puts and deletions of keys " +
                $"({snapshot.Tombstones} deletions)"),
            ("Database", $"{Bytes(snapshot.TotalSize)}, in use {Bytes(snapshot.UsedSize)}"),
            ("Leases", $"{snapshot.Leases}"),
            ("Authentication", snapshot.AuthEnabled ? "on" : "off"),
            .. snapshot.Alarms.Select(a => ("Alarm", a)),
            .. snapshot.Members.Select(m => ("Member", Member(m))),
            .. snapshot.Content is { } content ? Content(content) : [],
        ]);
        screen.Out.WriteLine();
        screen.Table(Columns, snapshot.Buckets.Select(b => ((string?)null, new[] { b.Name, $"{b.Entries}", $"{b.Bytes}" })));
    }

    private static string Digest(FileReport report) => report.Sha256 is null ? "none at its end, as in a file of etcd's data directory"
        : report.Sha256IsRight switch
        {
            true => $"{report.Sha256}, right",
            false => $"{report.Sha256}, WRONG: the file is damaged",
            null => $"{report.Sha256}, not compared (--all)",
        };

    private static (string, string)[] Content(ContentReport content) =>
    [
        ("Keys", $"{content.LiveKeys}, with those of which only older revisions are left {content.DistinctKeys}"),
        ("HashKV", $"{Hash(content.HashKv)}, of revision {content.HashKvRevision}, compacted up to {content.HashKvCompactRevision}"),
    ];

    private static string Member(MemberReport member) =>
        $"{member.Id}{(member.Name == "" ? "" : $" {member.Name}")}{(member.IsLearner ? ", learner" : "")}, " +
            $"{string.Join(", ", member.PeerUrls)}";

    // etcd's tools write a hash as the one in their tables, and as the other in their JSON.
    private static string Hash(uint hash) => $"{hash:x} ({hash})";

    private static string Number(ulong? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "unknown";

    private static string Bytes(long bytes) => $"{Say.Megabytes(bytes / 1_048_576d)} ({bytes} bytes)";
}
