using System.Collections.Concurrent;
using EtcdBackup.Host.Tls;
using EtcdBackup.Testing;
using EtcdBackup.Tls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EtcdBackup.Host.Tests.Tls;

public class RenewedTests
{
    private string _file = "first";

    [Fact]
    public void Only_what_can_be_used_and_would_be_trusted_takes_effect()
    {
        var renewed = new Renewed<string, string>("of a test", Read, Parse, FaultOf, NullLogger.Instance);
        Assert.Equal("made of first", renewed.Current);
        foreach (var bad in new[] { "unreadable", "not PEM", "expired" })
        {
            _file = bad;
            renewed.Look();
            Assert.Equal("made of first", renewed.Current);
        }

        _file = "second";
        renewed.Look();
        Assert.Equal("made of second", renewed.Current);
    }

    [Fact]
    public async Task A_file_that_hangs_holds_up_no_connection_and_is_told_and_taken_up_when_it_answers()
    {
        using var answers = new ManualResetEventSlim(true);
        var log = new FakeLogger();
        var renewed = new Renewed<string, string>("of a test", WhenItAnswers, Parse, FaultOf, log);
        answers.Reset();
        _file = "second";
        using var watch = new RenewalWatch("of a test", renewed.Look, log) { Limit = TimeSpan.FromMilliseconds(10) };
        await watch.StartAsync(CancellationToken.None);
        await Workspace.UntilAsync(() => Task.FromResult(log.Said("did not answer")), "it is told");
        Assert.Equal("made of first", renewed.Current);
        answers.Set();
        await Workspace.UntilAsync(() => Task.FromResult(renewed.Current == "made of second"), "it is taken up");
        await watch.StopAsync(CancellationToken.None);

        string WhenItAnswers()
        {
            answers.Wait();
            return _file;
        }
    }

    [Fact]
    public async Task What_nobody_thought_of_ends_neither_the_loop_nor_the_process()
    {
        var looks = 0;
        var log = new FakeLogger();
        using var watch = new RenewalWatch(
            "of a test", () => throw new InvalidOperationException($"unforeseen {Interlocked.Increment(ref looks)}"), log);
        await watch.StartAsync(CancellationToken.None);
        await Workspace.UntilAsync(() => Task.FromResult(looks > 1), "it goes on");
        Assert.True(log.Said("unforeseen"));
        await watch.StopAsync(CancellationToken.None);
    }

    private static string Parse(string text) => text == "not PEM" ? throw new TlsFaultException("no PEM") : "made of " + text;

    private static string? FaultOf(string made) => made == "made of expired" ? "it is expired" : null;

    private string Read() => _file == "unreadable" ? throw new TlsFaultException("it cannot be read") : _file;

    private sealed class FakeLogger : ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public bool Said(string text) => _lines.Any(l => l.Contains(text, StringComparison.Ordinal));

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{formatter(state, exception)} {exception}");
    }
}
