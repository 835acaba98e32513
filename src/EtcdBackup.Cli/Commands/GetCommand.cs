using System.CommandLine;
using EtcdBackup.Cli.Connecting;
using EtcdBackup.Cli.Downloading;
using EtcdBackup.Cli.Exits;
using EtcdBackup.Cli.Output;
using Spectre.Console;

namespace EtcdBackup.Cli.Commands;

/// <summary>Brings a backup.</summary>
internal static class GetCommand
{
    private const string StandardOutput = "-";

    private static readonly ProgressColumn[] Columns =
        [new TaskDescriptionColumn(), new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn()];

    /// <summary>The command.</summary>
    public static Command Of(ServiceOptions options, Screen screen)
    {
        var command = new ClusterCommand("get", "Bring a backup, for 'etcdutl snapshot restore'. Never overwrites a file.", options);
        var backup = BackupOption.AddTo(command, "The backup's name; default: the latest.");
        var version = new Option<string?>("--etcd-version") { Description = "The latest that restores this etcd, X.Y.Z." };
        var revision = new Option<long?>("--revision") { Description = "The one of exactly this revision; needs --etcd-version." };
        var file = new Option<string?>("--file", "-f") { Description = "Where to; '-' is standard output. Default: its name, here." };
        foreach (var option in new Option[] { version, revision, file })
        {
            command.Options.Add(option);
        }

        command.Do(async call =>
        {
            var path = call.Parsed.GetValue(backup) is { } stored ? call.PathOf(stored)
                : $"{call.Path}/backup?etcdVersion={Uri.EscapeDataString(call.Parsed.GetValue(version) ?? "")}" +
                    (call.Parsed.GetValue(revision) is { } r ? $"&etcdRevision={r}" : "");
            using var download = new Download(call, path);
            await download.BeginAsync();
            var target = call.Parsed.GetValue(file) ?? download.Name;
            await (target == StandardOutput ? ToStandardOutputAsync(screen, download) : ToFileAsync(screen, download, target));
            var name = target == StandardOutput ? download.Name : target;
            await screen.Error.WriteLineAsync(
                $"{name}: revision {download.Revision}, {Say.Megabytes(download.Received / 1_048_576d)}, {download.Proof}");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task ToStandardOutputAsync(Screen screen, Download download)
    {
        await using var output = Console.OpenStandardOutput();
        await CopyAsync(screen, download, output);
    }

    // The name is given to a whole file only.
    private static async Task ToFileAsync(Screen screen, Download download, string path)
    {
        if (Path.Exists(path))
        {
            throw new CommandException(ExitCode.Usage, $"'{path}' exists, and is left as it is: name another file with --file");
        }

        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
        {
            throw new CommandException(ExitCode.Usage, $"'{path}' cannot be written: there is no such directory");
        }

        var part = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            await using (var output = new FileStream(part, Own()))
            {
                await CopyAsync(screen, download, output);
                output.Flush(flushToDisk: true);
            }

            File.Move(part, path, overwrite: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, $"'{path}' cannot be written: {e.Message}");
        }
        finally
        {
            if (File.Exists(part))
            {
                File.Delete(part);
            }
        }
    }

    // It holds every secret of the cluster.
    private static FileStreamOptions Own()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static Task CopyAsync(Screen screen, Download download, Stream target) => !screen.Talks
        ? download.CopyToAsync(target)
        : screen.Progress.Progress().Columns(Columns).StartAsync(async shown =>
        {
            var bar = shown.AddTask(Markup.Escape(download.Name), maxValue: download.Size);
            var copying = download.CopyToAsync(target);
            while (await Task.WhenAny(copying, Task.Delay(200)) != copying)
            {
                bar.Value = download.Received;
            }

            bar.Value = download.Received;
            await copying;
        });
}
