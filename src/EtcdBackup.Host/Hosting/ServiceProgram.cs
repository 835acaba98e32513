using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using EtcdBackup.Host.Api;
using EtcdBackup.Host.Health;
using EtcdBackup.Host.Hosting.State;
using EtcdBackup.Host.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Prometheus;
using Scalar.AspNetCore;

namespace EtcdBackup.Host.Hosting;

/// <summary>The program: reads the configuration, puts the parts together, runs until told to stop.</summary>
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
    /// <returns>The exit code: 0 after a stop that somebody asked for, 70 when the service ended by itself, 78 for a configuration that
    /// cannot be used, 64 for arguments that make no sense.</returns>
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

        WebApplication app;
        try
        {
            app = Build(start);
        }
        catch (SettingsException e)
        {
            await Console.Error.WriteLineAsync(
                $"The service does not start: its configuration cannot be used.{Environment.NewLine}{e.Message}");
            return BadConfiguration;
        }

        await using (app)
        {
            await MetricsSetup.StartAsync();
            return await RunAsync(app);
        }
    }

    // A supervisor must see a service that ended by itself for what it is, or it would not start it again.
    internal static async Task<int> RunAsync(WebApplication app)
    {
        var isAsked = false;
        var limit = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;
        var signals = new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT }.Select(s => PosixSignalRegistration.Create(s,
            signal =>
            {
                if (!isAsked)
                {
                    isAsked = true;
                    _ = EndAsync(limit);
                }
            })).ToArray();
        try
        {
            await app.RunAsync();
            if (!isAsked)
            {
                await Console.Error.WriteLineAsync("The service ended by itself, and nobody asked it to: the log above tells why. Let " +
                    "a supervisor start it again.");
            }

            return isAsked ? 0 : Failed;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"The service ended because of a failure: {e}");
            return Failed;
        }
        finally
        {
            foreach (var signal in signals)
            {
                signal.Dispose();
            }
        }
    }

    // Whatever hangs, and takes no heed of .NET's own limit, as clients of a store that is frozen.
    private static async Task EndAsync(TimeSpan limit)
    {
        await Task.Delay(limit);
        await Console.Error.WriteLineAsync(
            $"The service was told to stop {limit.TotalSeconds:0} s ago, and something hangs: it ends now. No backup is lost by that.");
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

    private static WebApplication Build(StartOptions start)
    {
        var (settings, configuration) = SettingsReader.Read(start.ConfigFile, start.Arguments);
        var state = SiloSetup.OpenState(settings);

        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        // Orleans would take our section of its name for one of its own.
        builder.Configuration.AddInMemoryCollection(
            SettingsReader.OtherSections.SelectMany(s => configuration.GetSection(s).AsEnumerable()));
        AddLogging(builder);
        builder.WebHost.UseUrls(settings.Http.Urls).UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(k => k.AddServerHeader = false);
        builder.AddSilo(settings, state);

        AddServices(builder.Services, settings, start, state);
        var app = builder.Build();
        MapRoutes(app, settings);
        return app;
    }

    private static void AddServices(IServiceCollection services, Settings settings, StartOptions start, IStateStore state)
    {
        services.AddSingleton(settings);
        services.AddSingleton(settings.Removal.Times);
        services.AddSingleton(start);
        services.AddSingleton(state);
        services.AddSingleton<ClusterResolver>();
        services.AddSingleton<BackupDownload>();
        services.AddHostedService<ConfiguredClusters>();
        services.AddHostedService<Sweeper>();
        services.AddHostedService<Wakeup>();
        services.AddHealthChecks().AddCheck<ReadyCheck>("ready");
        services.AddProblemDetails();
        services.AddExceptionHandler<ErrorHandler>();
        services.AddOpenApi("v1", o => o.AddDetails());
        services.ConfigureHttpJsonOptions(o => Json(o.SerializerOptions));
        GentleStop.AddTo(services, TimeSpan.FromSeconds(settings.Backups.GraceInSecond));
    }

    private static void MapRoutes(WebApplication app, Settings settings)
    {
        var login = new TokenLogin(settings);
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => ErrorHandler.ExplainAsync(context.HttpContext));
        app.Use(next => context => login.InvokeAsync(context, next));
        if (settings.Orleans.Dashboard)
        {
            app.UseLazyDashboard();
        }

        app.MapHealthChecks("/healthz", new() { Predicate = _ => false });
        app.MapHealthChecks("/readyz", new() { ResponseWriter = WriteReasonsAsync });
        app.MapBackupRoutes();
        app.MapClusterRoutes();
        app.MapMetrics();
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapScalarApiReference("/scalar", o => o.WithTitle("EtcdBackup.Orleans"));
        app.MapGet("/", () => Results.Redirect("/scalar")).ExcludeFromDescription();
    }

    private static void AddLogging(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(o =>
        {
            o.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            o.UseUtcTimestamp = true;
        });
        builder.Logging.AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning)
            // says that reminders under a minute are unusual: an interval of 30 s is part of the contract
            .AddFilter("Orleans.Hosting.ReminderOptionsValidator", LogLevel.Error)
           .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
    }

    private static void Json(JsonSerializerOptions options)
    {
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
    }

    private static Task WriteReasonsAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(
            string.Join('\n', report.Entries.Select(e => e.Value.Description)) + "\n", context.RequestAborted);
    }
}
