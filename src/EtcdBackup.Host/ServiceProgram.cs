using System.Runtime.InteropServices;
using EtcdBackup.Host.Configuration;
using EtcdBackup.Host.Logs;
using Microsoft.Extensions.Options;

namespace EtcdBackup.Host;

/// <summary>The program: reads its arguments, runs the service until it is stopped, and ends with an exit code.</summary>
internal static class ServiceProgram
{
    // sysexits.h: EX_CONFIG, EX_USAGE, EX_SOFTWARE
    private const int BadConfiguration = 78;
    private const int BadUsage = 64;
    private const int Failed = 70;

    private const string Usage = """
        EtcdBackup.Host [--config FILE] [--Section:Key=value ...]
          --config FILE   the configuration, JSON; followed while the service runs
        Environment variables override the file (Http__Urls), arguments override both (--Http:Urls=http://127.0.0.1:19999).
        """;

    /// <summary>Runs the service.</summary>
    /// <returns>The exit code: 0 after a requested stop, 70 if the service ended by itself, 78 for a configuration that cannot be used, 64
    /// for invalid arguments.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains("--help"))
        {
            Console.WriteLine(Usage);
            return 0;
        }

        if (!TryParse(args, out var start, out var complaint))
        {
            await Console.Error.WriteLineAsync($"{complaint}{Environment.NewLine}{Usage}");
            return BadUsage;
        }

        PrivateFiles.Begin();
        HaveHome();
        WebApplication app;
        try
        {
            app = ServiceParts.Build(start);
        }
        catch (SettingsException e)
        {
            await LastWords.SayAsync(LogSetup.FormatOf(SettingsReader.ReadUnchecked(start)),
                $"The service does not start: its configuration cannot be used.{Environment.NewLine}{e.Message}");
            return BadConfiguration;
        }

        await using (app)
        {
            if (ListenProblem.Of(app.Services.GetRequiredService<HttpSettings>().Urls) is { } problem)
            {
                await LastWords.SayAsync(LogSetup.FormatOf(app.Configuration), $"The service does not start: {problem}");
                return Failed;
            }

            return await RunAsync(app);
        }
    }

    // A supervisor must see that the service ended by itself, or it would not start it again.
    internal static async Task<int> RunAsync(WebApplication app)
    {
        var (isAsked, isEnding) = (false, 0);
        var format = LogSetup.FormatOf(app.Configuration);
        var limit = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;
        var signals = new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT }.Select(s => PosixSignalRegistration.Create(s,
            signal =>
            {
                isAsked = true;
                EndInTime();
            })).ToArray();
        using var stopping = app.Lifetime.ApplicationStopping.Register(EndInTime);
        try
        {
            await app.RunAsync();
            if (!isAsked)
            {
                await LastWords.SayAsync(format, "The service ended by itself, and nobody asked it to: the log above tells why. " +
                    "Let a supervisor start it again.");
            }

            return isAsked ? 0 : Failed;
        }
        catch (Exception e)
        {
            await LastWords.SayAsync(format, "The service ended because of a failure", e);
            return Failed;
        }
        finally
        {
            foreach (var signal in signals)
            {
                signal.Dispose();
            }
        }

        // A signal, and whatever else ends it, in the order in which they come.
        void EndInTime()
        {
            if (Interlocked.Exchange(ref isEnding, 1) == 0)
            {
                _ = EndAsync(limit, format);
            }
        }
    }

    // .NET looks for a user's certificates there whenever it builds a chain, and fails where a user has no home, as in a pod with any uid.
    private static void HaveHome()
    {
        if (Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is "" or "/")
        {
            Environment.SetEnvironmentVariable("HOME", Path.GetTempPath());
        }
    }

    // For whatever hangs and ignores .NET's own limit, such as clients of a frozen store.
    private static async Task EndAsync(TimeSpan limit, string format)
    {
        await Task.Delay(limit);
        await LastWords.SayAsync(format,
            $"The service began to stop {limit.TotalSeconds:0} s ago, and something hangs: it ends now. No backup is lost by that.");
        Environment.Exit(Failed);
    }

    private static bool TryParse(string[] args, out StartOptions start, out string complaint)
    {
        string? file = null;
        var others = new List<string>();
        complaint = "";
        for (var i = 0; i < args.Length && complaint == ""; i++)
        {
            if (args[i] == "--config")
            {
                file = ++i < args.Length ? args[i] : null;
                complaint = file is null ? "--config needs the name of a file" : "";
            }
            else if (args[i].StartsWith("--", StringComparison.Ordinal) && args[i].Contains('=', StringComparison.Ordinal))
            {
                others.Add(args[i]);
            }
            else
            {
                complaint = $"'{args[i]}' is no argument of this program";
            }
        }

        start = new StartOptions(file, [.. others]);
        return complaint == "";
    }
}
