using System.Net;
using EtcdBackup.Host.Silo;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Host.Tests.Silo;

public sealed class RefusalLogTests : ILogger<RefusalLog>
{
    private readonly Clock _time = new();
    private readonly List<string> _lines = [];

    [Fact]
    public void Each_sentence_comes_once_a_minute_and_counts_those_left_out()
    {
        var log = new RefusalLog(_time, this);
        for (var port = 1; port <= 9; port++)
        {
            log.Refused(new IPEndPoint(IPAddress.Loopback, port), "shows no certificate");
        }

        log.NotConnected(new IPEndPoint(IPAddress.Loopback, 1), "shows no certificate");
        Assert.Equal(
            ["A connection from 127.0.0.1:1 is refused: it shows no certificate",
                "There is no connection to the silo at 127.0.0.1:1: it shows no certificate (8 more such lines were left out)"], _lines);
        _time.Now += TimeSpan.FromMinutes(1);
        log.Refused(new IPEndPoint(IPAddress.Loopback, 1), "shows no certificate");
        Assert.Equal(3, _lines.Count);
    }

    [Fact]
    public void Names_that_strangers_make_up_fill_no_log_and_forge_no_line()
    {
        var log = new RefusalLog(_time, this);
        for (var i = 0; i < 1000; i++)
        {
            log.Refused(null, $"has a certificate of {i}\n{new string('x', 10_000)}");
        }

        Assert.Equal(20, _lines.Count);
        Assert.All(_lines, l => Assert.True(l.Length < 500 && !l.Contains('\n', StringComparison.Ordinal), l));
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add(formatter(state, exception));

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
