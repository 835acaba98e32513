using EtcdBackup.Host.Logs;
using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Host.Tests.Logs;

public partial class ShortTracesTests
{
    [Fact]
    public void Of_what_the_world_does_the_message_is_logged_and_of_a_fault_of_ours_the_trace()
    {
        using var log = new Kept();
        using var shortened = new ShortTraces(log);
        var logger = shortened.CreateLogger("x");
        LogFailed(logger, "a", new StoreException("the bucket is gone", new HttpRequestException("refused")));
        LogFailed(logger, "a", new StoreException("the bucket is gone: refused", new HttpRequestException("refused")));
        LogFailed(logger, "a", new InvalidOperationException("no state", new TimeoutException("it is away")));
        LogFailed(logger, "a", new InvalidOperationException("ours"));
        Assert.Equal([("a failed: the bucket is gone: refused", null), ("a failed: the bucket is gone: refused", null),
            ("a failed: no state: it is away", null), ("a failed", "ours")], log.Lines);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster} failed")]
    private static partial void LogFailed(ILogger logger, string cluster, Exception exception);

    private sealed class Kept : ILoggerProvider, ILogger
    {
        public List<(string Text, string? Exception)> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((formatter(state, exception), exception?.Message));

        public void Dispose()
        {
            // nothing to let go of
        }
    }
}
