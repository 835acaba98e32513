using System.Collections.Concurrent;
using EtcdBackup.Hosting;
using EtcdBackup.Testing;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Tests.Hosting;

public class LoopServiceTests
{
    [Fact]
    public async Task A_round_that_fails_in_any_way_ends_nothing_and_is_told_once_for_each_cause()
    {
        var log = new Told();
        using var loop = new Failing(log, [
            new InvalidOperationException("took 31 ms"), new InvalidOperationException("took 32 ms"),
                new OperationCanceledException("by itself"), new ArithmeticException()]);
        await loop.StartAsync(CancellationToken.None);
        await Workspace.UntilAsync(() => Task.FromResult(loop.Rounds >= 6), "it goes on, and is well again");
        Assert.False(loop.ExecuteTask!.IsCompleted);
        Assert.Equal([typeof(InvalidOperationException), typeof(OperationCanceledException), typeof(ArithmeticException)],
            log.Errors.Select(e => e.GetType()));
        await loop.StopAsync(CancellationToken.None);
        Assert.True(loop.ExecuteTask.IsCompletedSuccessfully);
    }

    private sealed class Failing(ILogger logger, Exception[] failures) : LoopService(logger)
    {
        public int Rounds { get; private set; }

        protected override TimeSpan Every => TimeSpan.FromMilliseconds(1);

        protected override Task RunOnceAsync(CancellationToken stoppingToken) => Rounds++ < failures.Length ? throw failures[Rounds - 1]
            : Task.CompletedTask;
    }

    private sealed class Told : ILogger
    {
        public ConcurrentQueue<Exception> Errors { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
            string> formatter)
        {
            if (logLevel == LogLevel.Error)
            {
                Errors.Enqueue(exception!);
            }
        }
    }
}
