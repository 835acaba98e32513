using EtcdBackup.Clusters;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Hosting;

/// <summary>
/// A background loop with a boundary around each round: a failure is logged once, and the loop continues, less and less often while it
/// fails. No failure in a loop ends the process.
/// </summary>
public abstract partial class LoopService(ILogger logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>The time between two rounds.</summary>
    protected abstract TimeSpan Every { get; }

    /// <summary>The longest pause after failures.</summary>
    protected virtual TimeSpan LongestPause => TimeSpan.FromSeconds(30);

    /// <summary>How bad it is that a round fails.</summary>
    protected virtual LogLevel FailureLevel => LogLevel.Error;

    /// <summary>One round.</summary>
    protected abstract Task RunOnceAsync(CancellationToken stoppingToken);

    /// <summary>The wait between two rounds.</summary>
    protected virtual Task WaitAsync(CancellationToken stoppingToken) => Task.Delay(Every, stoppingToken);

    /// <summary>The cause of a failure: two failures that differ only in numbers and addresses have the same cause.</summary>
    protected static string CauseOf(Exception e) => $"{e.GetType()} {string.Concat(e.Message.Where(char.IsLetter).Take(60))}";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? told = null;
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(stoppingToken);
                if (told is not null)
                {
                    LogWell(GetType().Name, failures);
                }

                (told, failures) = (null, 0);
                await WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                var cause = CauseOf(e);
                if (cause != told)
                {
                    LogFailed(FailureLevel, GetType().Name, e);
                }

                (told, failures) = (cause, failures + 1);
                var pause = new Backoff(FirstPause, LongestPause).After(failures);
                await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Message = "{Loop} failed, and continues trying; this is logged once")]
    private partial void LogFailed(LogLevel level, string loop, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Loop} works again, after {Failures} failures")]
    private partial void LogWell(string loop, int failures);
}
