using Microsoft.Extensions.Logging;

namespace EtcdBackup.Simulation;

/// <summary>What the service logs, as part of the story.</summary>
internal sealed class TellingLogger<T>(Action<string> tell) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        tell(formatter(state, exception));
}
