using System.Data.Common;
using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;
using StackExchange.Redis;

namespace EtcdBackup.Host.Logs;

/// <summary>
/// A stack trace helps only with faults of our own. Of what the world around does (a disk, a network, a server that is away) it logs the
/// message alone.
/// </summary>
/// <param name="inner">Writes the log.</param>
internal sealed class ShortTraces(ILoggerProvider inner) : ILoggerProvider, ISupportExternalScope
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Shortening(inner.CreateLogger(categoryName));

    /// <inheritdoc/>
    public void SetScopeProvider(IExternalScopeProvider scopeProvider) =>
        (inner as ISupportExternalScope)?.SetScopeProvider(scopeProvider);

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    /// <summary>Whether the world around did it, and not this program.</summary>
    internal static bool IsOfTheWorld(Exception exception) => exception is
        IOException or TimeoutException or HttpRequestException or SocketException or OperationCanceledException or
        AuthenticationException or UnauthorizedAccessException or DbException or RpcException or RedisException or OrleansException ||
        (exception.InnerException is { } cause && IsOfTheWorld(cause));

    private sealed class Shortening(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is null || !IsOfTheWorld(exception))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
                return;
            }

            inner.Log(logLevel, eventId, state, null, (s, _) => $"{formatter(s, exception)}: {Told(exception)}");
        }

        private static string Told(Exception exception)
        {
            var messages = new List<string>();
            for (var e = exception; e is not null; e = e.InnerException)
            {
                if (!messages.Exists(m => m.Contains(e.Message, StringComparison.Ordinal)))
                {
                    messages.Add(e.Message);
                }
            }

            return string.Join(": ", messages);
        }
    }
}
