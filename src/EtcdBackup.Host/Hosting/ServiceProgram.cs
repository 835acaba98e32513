using System.Text.Json;
using System.Text.Json.Serialization;
using EtcdBackup.Host.Api;
using EtcdBackup.Host.Health;
using EtcdBackup.Host.Metrics;
using EtcdBackup.Runs;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Prometheus;
using Scalar.AspNetCore;

namespace EtcdBackup.Host.Hosting;

/// <summary>The program: reads the configuration, puts the parts together, runs until told to stop.</summary>
internal static class ServiceProgram
{
    // sysexits.h: EX_CONFIG, EX_USAGE
    private const int BadConfiguration = 78;
    private const int BadUsage = 64;

    private const string Usage = """
        EtcdBackup.Host [--config FILE] [--Section:Key=value ...]
          --config FILE   the configuration, JSON; followed while the service runs
        Environment variables override the file (Http__Urls), arguments override both (--Http:Urls=http://127.0.0.1:19999).
        """;

    /// <summary>Runs the service.</summary>
    /// <returns>The exit code: 0 after a stop, 78 for a configuration that cannot be used, 64 for arguments that make no sense.</returns>
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
            await Console.Error.WriteLineAsync($"The service does not start: its configuration cannot be used.{Environment.NewLine}{e.Message}");
            return BadConfiguration;
        }

        await using (app)
        {
            await MetricsSetup.StartAsync();
            await app.RunAsync();
        }

        return 0;
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
        builder.Configuration.AddInMemoryCollection(SettingsReader.OtherSections.SelectMany(s => configuration.GetSection(s).AsEnumerable()));
        AddLogging(builder);
        builder.WebHost.UseUrls(settings.Http.Urls).UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(k => k.AddServerHeader = false);
        builder.AddSilo(settings, state);

        var services = builder.Services;
        services.AddSingleton(settings);
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

        var app = builder.Build();
        MapRoutes(app, settings);
        StopGently(app, TimeSpan.FromSeconds(settings.Backups.GraceInSecond));
        return app;
    }

    // Before anything is stopped: the service still answers, that it is not ready, while running backups end.
    private static void StopGently(WebApplication app, TimeSpan grace)
    {
        var stop = app.Services.GetRequiredService<StopSignal>();
        app.Lifetime.ApplicationStopping.Register(() => stop.StopAsync(grace).GetAwaiter().GetResult());
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
        return context.Response.WriteAsync(string.Join('\n', report.Entries.Select(e => e.Value.Description)) + "\n", context.RequestAborted);
    }
}
