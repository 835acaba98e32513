using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Host.Tests;

public class ServiceProgramTests
{
    [Fact]
    public async Task A_service_that_ends_because_of_a_failure_says_so_in_its_exit_code()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddHostedService<Dying>();
        await using var app = builder.Build();
        Assert.Equal(70, await ServiceProgram.RunAsync(app));
    }

    private sealed class Dying : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Yield();
            throw new InvalidOperationException("a part that the service cannot be without");
        }
    }
}
