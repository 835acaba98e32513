using Microsoft.Extensions.Logging.Console;

namespace EtcdBackup.Host.Logs;

/// <summary>
/// What the program says where there is no log: before it begins, and after it ended. On standard error, and in the form that the
/// configuration has for the log, so that whoever reads each line as JSON can read the last one too.
/// </summary>
internal static partial class LastWords
{
    /// <summary>Says it.</summary>
    /// <param name="format">The form of the log; one that is unknown, or simple: plain text.</param>
    /// <param name="words">One sentence, or several lines.</param>
    /// <param name="fault">What happened, with its stack trace; null if the words tell all.</param>
    public static async Task SayAsync(string format, string words, Exception? fault = null)
    {
        if (format is not (ConsoleFormatterNames.Json or ConsoleFormatterNames.Systemd))
        {
            await Console.Error.WriteLineAsync(fault is null ? words : $"{words}: {fault}");
            return;
        }

        using var factory = LoggerFactory.Create(logging => LogSetup.AddConsole(logging, format)
            .Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace));
        Log(factory.CreateLogger("EtcdBackup.Host"), words, fault);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Words}")]
    private static partial void Log(ILogger logger, string words, Exception? fault);
}
