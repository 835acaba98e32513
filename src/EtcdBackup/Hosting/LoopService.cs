using EtcdBackup.Clusters;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Hosting;

/// <summary>
/// A background loop with a boundary around each round: whatever fails in one is told once, and the loop goes on, less and less often
/// while it fails. Nothing that goes wrong
/// in one of them ends the process.
/// </summary>
public abstract partial class LoopService(ILogger logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>The time between two rounds.</summary>
    protected abstract TimeSpan Every { get; }

    /// <summary>The longest pause after failures.</summary>
    protected virtual TimeSpan LongestPause => TimeSpan.FromSeconds(30);

    /// <summary>One round.</summary>
    protected abstract Task RunOnceAsync(CancellationToken stoppingToken);

    /// <summary>What is awaited between two rounds.</summary>
    protected virtual Task WaitAsync(CancellationToken stoppingToken) => Task.Delay(Every, stoppingToken);

    /// <summary>What makes two failures the same to a reader of the log: numbers and addresses in the message do not.</summary>
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
                    LogFailed(GetType().Name, e);
                }

                (told, failures) = (cause, failures + 1);
                var pause = new Backoff(FirstPause, LongestPause).After(failures);
                await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Loop} failed, and goes on trying; this is told once")]
    private partial void LogFailed(string loop, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Loop} is well again, after {Failures} failures")]
    private partial void LogWell(string loop, int failures);
}
