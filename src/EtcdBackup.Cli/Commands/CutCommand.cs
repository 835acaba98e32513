using System.CommandLine;
using System.Text.Json;
using EtcdBackup.Cli.Exits;
using EtcdBackup.Cli.Inspecting;
using EtcdBackup.Cli.Output;
using EtcdBackup.Snapshots.Files;
using EtcdBackup.Snapshots.Log;
using EtcdBackup.Snapshots.Making;

namespace EtcdBackup.Cli.Commands;

/// <summary>Makes the snapshot of an earlier revision from a snapshot file, without the service.</summary>
internal static class CutCommand
{
    /// <summary>The command.</summary>
    public static Command Of(Screen screen)
    {
        var file = new Argument<string>("file") { Description = "A snapshot, as 'etcdbackup get' or 'etcdctl snapshot save' brings it." };
        var revision = new Option<long>("--revision", "-r")
        {
            Description = "The last revision that the new snapshot has; 'etcdbackup inspect' shows which the file has.",
            Required = true,
        };
        var target = new Option<string>("--to", "-o") { Description = "The new snapshot. Never overwrites a file.", Required = true };
        var log = new Option<string[]>("--log")
        {
            Description = "Segments of the change log, uncompressed and in any order: for a revision after the snapshot's.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        var withoutDigest = new Option<bool>("--skip-hash-check")
        {
            Description = "For a database of etcd's data directory, which has no SHA-256 at its end.",
        };
        var command = new Command(
            "cut", "Make, from a snapshot file of this machine, the snapshot as the cluster was at another revision. Needs no service.")
        {
            file, revision, target, log, withoutDigest,
        };
        var output = OutputOption.AddAsFormatTo(command, screen);
        command.SetAction(async (parsed, stop) =>
        {
            var (from, to) = (parsed.GetValue(file)!, parsed.GetValue(target)!);
            var segments = InOrder(parsed.GetValue(log)!);
            var cut = await LocalSnapshot.OfAsync(
                from, () => CutAsync(from, segments, to, parsed.GetValue(revision), parsed.GetValue(withoutDigest), stop));
            output.Write(
                parsed, JsonSerializer.SerializeToElement(new FileCut(from, to, cut), FileJson.Default.FileCut), () => [to],
                () => Show(screen, to, cut));
            return ExitCode.Done;
        });
        return command;
    }

    private static IReadOnlyList<string> InOrder(string[] segments)
    {
        try
        {
            return SegmentFiles.InOrder(segments);
        }
        catch (ChangeLogException e)
        {
            throw OfLog(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"a segment of the log cannot be read: {e.Message}");
        }
    }

    private static CommandException OfLog(ChangeLogException e) => new(ExitCode.Failed, $"the change log is not whole: {e.Message}");

    private static async Task<MadeReport> CutAsync(
        string from, IReadOnlyList<string> segments, string to, long revision, bool withoutDigest, CancellationToken stop)
    {
        if (Path.Exists(to))
        {
            throw new CommandException(ExitCode.Usage, $"'{to}' exists, and is left as it is: name another file with -o");
        }

        try
        {
            return await Task.Run(() => SnapshotMaker.MakeAsync(from, segments, to, revision, withoutDigest, stop), stop);
        }
        catch (RevisionNotInFileException e)
        {
            throw new CommandException(ExitCode.Usage, $"'{from}': {e.Message}");
        }
        catch (ChangeLogException e)
        {
            throw OfLog(e);
        }
        catch (SnapshotCorruptException e)
        {
            throw new CommandException(ExitCode.Failed, $"'{from}' is no sound snapshot: {e.Message}");
        }
        catch (SnapshotTargetException e)
        {
            throw new CommandException(ExitCode.Failed, $"'{to}' cannot be written: {e.Message}");
        }
    }

    private static void Show(Screen screen, string path, MadeReport cut) => screen.Pairs(
    [
        ("File", $"{path}, {Say.Megabytes(cut.Size / 1_048_576d)} ({cut.Size} bytes)"),
        ("SHA-256", cut.Sha256),
        ("Revision", $"{cut.Revision}, of {cut.FirstRevision} to {cut.LastRevision}"),
        ("Keys", $"{cut.LiveKeys}"),
        ("HashKV", $"{cut.HashKv:x} ({cut.HashKv}), compacted up to {cut.HashKvCompactRevision}"),
        ("Entries", $"{cut.Kept} puts and deletions of keys"),
        .. cut.Added > 0 ? [("Of the log", $"{cut.Added} later ones")] : Array.Empty<(string, string)>(),
        ("Left out", $"{cut.LeftOut} later ones, {Say.Megabytes(cut.LeftOutBytes / 1_048_576d)} ({cut.LeftOutBytes} bytes)"),
        .. cut.Orphans switch
        {
            null => [("No lease", "unknown: too many leases to compare")],
            { Keys: > 0 } orphans => [("No lease", Orphans(orphans))],
            _ => Array.Empty<(string, string)>(),
        },
    ]);

    private static string Orphans(LeaseOrphans orphans) =>
        $"{orphans.Keys} keys, which will not expire: their leases ended later ({string.Join(", ", orphans.Leases.Take(5))}" +
            $"{(orphans.Leases.Count > 5 ? ", …" : "")})";
}
