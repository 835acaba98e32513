using EtcdBackup.Host.Tls;
using EtcdBackup.Tls;
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
    public async Task A_file_that_hangs_holds_up_no_connection()
    {
        using var hang = new ManualResetEventSlim(true);
        var renewed = new Renewed<string, string>(
            "of a test",
            () =>
            {
                hang.Wait();
                return _file;
            },
            Parse,
            FaultOf,
            NullLogger.Instance);
        hang.Reset();
        _file = "second";
        var look = Task.Run(renewed.Look);
        Assert.Equal("made of first", renewed.Current);
        Assert.False(look.IsCompleted);
        hang.Set();
        await look;
        Assert.Equal("made of second", renewed.Current);
    }

    private static string Parse(string text) => text == "not PEM" ? throw new TlsFaultException("no PEM") : "made of " + text;

    private static string? FaultOf(string made) => made == "made of expired" ? "it is expired" : null;

    private string Read() => _file == "unreadable" ? throw new TlsFaultException("it cannot be read") : _file;
}
