using EtcdBackup.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace EtcdBackup.Hosting;

/// <summary>
/// The first step of a stop: nothing new begins, and running backups get their grace, while the service still answers that it is not
/// ready. The host awaits this before it stops the silo and the web server.
/// </summary>
internal sealed class GentleStop(StopSignal stop, EtcdBackupOptions options) : IHostedLifecycleService
{
    // The time for what follows the grace: cancelled work ends, clusters move to other silos, connections are closed.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    /// <summary>Adds it, and sets the limits of .NET and Orleans to outlast the grace: their default of 30 seconds would cut a longer one
    /// short.</summary>
    public static void AddTo(IServiceCollection services, TimeSpan grace)
    {
        services.Configure<HostOptions>(o =>
        {
            o.ShutdownTimeout = grace + Margin;

            // Our own loops throw nothing. If another background service fails, the process may need it: it ends, with an exit
            // code that says so.
            o.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.StopHost;
        });
        services.Configure<GrainCollectionOptions>(o => o.DeactivationTimeout = grace + Margin);
        services.AddHostedService<GentleStop>();
    }

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
        => await stop.StopAsync(options.Grace).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
