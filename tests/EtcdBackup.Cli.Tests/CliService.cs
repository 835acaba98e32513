using System.Diagnostics;
using EtcdBackup.Testing;

namespace EtcdBackup.Cli.Tests;

/// <summary>A service with a cluster that is well and one that does not answer, and the program beside it.</summary>
public sealed class CliService : IAsyncLifetime
{
    public EtcdServers Etcd { get; private set; } = null!;

    public ServiceProcess Service { get; } = new();

    /// <summary>Where the program is.</summary>
    public static string Program => Path.Combine(
        Workspace.Root, "src/EtcdBackup.Cli/bin",
        AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug", "net10.0");

    public async ValueTask InitializeAsync()
    {
        Etcd = await EtcdServers.StartAsync();
        await Etcd.PutAsync("/a", 6, 1024 * 1024);
        await Service.With(
            ServiceProcess.Cluster("example", Etcd.Endpoints),
            ServiceProcess.Cluster("dead", ["http://127.0.0.1:1"], @namespace: "prod")).StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Etcd.DisposeAsync();
    }

    /// <summary>Runs the program against this service, without a terminal.</summary>
    public Task<Ended> RunAsync(params string[] arguments) => RunAsync(Service.Client.BaseAddress!.ToString(), arguments);

    /// <summary>Runs the program against the service of this address.</summary>
    public static Task<Ended> RunAsync(string address, params string[] arguments) =>
        RunAsync(address, Path.Combine(Program, "etcdbackup"), arguments, Path.GetTempPath());

    /// <summary>Runs a line of bash that may call the program.</summary>
    public Task<Ended> BashAsync(string line, string directory) =>
        RunAsync(Service.Client.BaseAddress!.ToString(), "bash", ["-c", "set -o pipefail; " + line], directory);

    /// <summary>Runs a line of bash that may call the program, and needs no service.</summary>
    public static Task<Ended> BashAsync(string line, string directory, string option) =>
        RunAsync("", "bash", ["-o", option, "-c", line], directory);

    private static async Task<Ended> RunAsync(string address, string file, IEnumerable<string> arguments, string directory)
    {
        var info = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = directory,
        };
        info.Environment["ETCDBACKUP_ADDRESS"] = address;
        info.Environment["PATH"] = $"{Program}:{Path.GetDirectoryName(Workspace.EtcdTool("forky", "etcdutl"))}:{info.Environment["PATH"]}";
        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Ended(process.ExitCode, output, await error);
    }
}

/// <summary>How a command ended.</summary>
public sealed record Ended(int Code, string Out, string Error);
