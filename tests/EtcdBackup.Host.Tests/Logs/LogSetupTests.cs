using EtcdBackup.Host.Configuration;
using EtcdBackup.Host.Logs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Host.Tests.Logs;

public class LogSetupTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("json")]
    [InlineData("systemd")]
    public void All_that_is_logged_goes_through_what_shortens_traces(string? format)
    {
        using var services = With(format);
        Assert.IsType<ShortTraces>(Assert.Single(services.GetServices<ILoggerProvider>()));
    }

    [Fact]
    public void Another_format_is_refused() => Assert.Throws<SettingsException>(() => With("xml").Dispose());

    private static ServiceProvider With(string? format)
    {
        var settings = new Dictionary<string, string?> { ["Logging:Console:FormatterName"] = format };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return new ServiceCollection().AddLogging(l => l.AddLogs(configuration)).BuildServiceProvider();
    }
}
