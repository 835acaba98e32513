using EtcdBackup.Host.Configuration;
using Microsoft.Extensions.Logging.Console;

namespace EtcdBackup.Host.Logs;

/// <summary>What is logged, and how it looks.</summary>
internal static class LogSetup
{
    private const string Format = "Logging:Console:FormatterName";
    private const string Times = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";

    private static readonly string[] Formats =
        [ConsoleFormatterNames.Simple, ConsoleFormatterNames.Json, ConsoleFormatterNames.Systemd];

    /// <summary>Logs to the console: text, JSON or for the journal, as the configuration has it.</summary>
    /// <exception cref="SettingsException">There is no such format.</exception>
    public static void AddLogs(this ILoggingBuilder logging, IConfiguration configuration)
    {
        var format = FormatOf(configuration);
        if (!Formats.Contains(format))
        {
            throw new SettingsException([$"{Format} is '{format}': allowed are {string.Join(", ", Formats)}"]);
        }

        logging.ClearProviders();
        AddConsole(logging, format);
        ShortenTraces(logging.Services);
        logging.AddFilter("Orleans", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning)
            // says that reminders under a minute are unusual: an interval of 30 s is part of the contract
            .AddFilter("Orleans.Hosting.ReminderOptionsValidator", LogLevel.Error)
           .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        logging.AddConfiguration(configuration.GetSection("Logging"));
    }

    /// <summary>The form that the configuration has.</summary>
    public static string FormatOf(IConfiguration configuration) => configuration[Format] ?? ConsoleFormatterNames.Simple;

    /// <summary>Logs to the console in a form.</summary>
    public static ILoggingBuilder AddConsole(ILoggingBuilder logging, string format)
    {
        logging.AddConsole(o => o.FormatterName = format);
        logging.Services.Configure<SimpleConsoleFormatterOptions>(Fill);
        logging.Services.Configure<JsonConsoleFormatterOptions>(Fill);
        logging.Services.Configure<ConsoleFormatterOptions>(Fill);
        return logging;
    }

    private static void Fill(ConsoleFormatterOptions options) => (options.TimestampFormat, options.UseUtcTimestamp) = (Times, true);

    private static void ShortenTraces(IServiceCollection services)
    {
        var console = services.Single(d => d.ServiceType == typeof(ILoggerProvider));
        services.Remove(console);
        services.AddSingleton<ILoggerProvider>(
            p => new ShortTraces((ILoggerProvider)ActivatorUtilities.CreateInstance(p, console.ImplementationType!)));
    }
}
