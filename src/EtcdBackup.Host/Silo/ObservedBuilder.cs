using Microsoft.AspNetCore.Connections;

namespace EtcdBackup.Host.Silo;

/// <summary>
/// A builder of connections whose middleware logs into <see cref="Handshake"/>: from there comes one sentence with the address, instead of
/// a stack trace for each attempt.
/// </summary>
internal sealed class ObservedBuilder(IConnectionBuilder builder) : IConnectionBuilder, IServiceProvider, ILoggerFactory, ILogger
{
    public IServiceProvider ApplicationServices => this;

    public IConnectionBuilder Use(Func<ConnectionDelegate, ConnectionDelegate> middleware) => builder.Use(middleware);

    public ConnectionDelegate Build() => builder.Build();

    public object? GetService(Type serviceType) =>
        serviceType == typeof(ILoggerFactory) ? this : builder.ApplicationServices.GetService(serviceType);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (exception is not null)
        {
            Handshake.Current?.Fail(exception);
        }
    }

    public void Dispose()
    {
    }
}
