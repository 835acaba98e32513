using EtcdBackup.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace EtcdBackup.Hosting;

/// <summary>
/// Before anything is stopped: nothing new begins, and running backups get their grace, while the service still answers that it is not
/// ready. The host awaits this
/// before it stops the silo and the web server.
/// </summary>
internal sealed class GentleStop(StopSignal stop, EtcdBackupOptions options) : IHostedLifecycleService
{
    // For all that comes after the grace: work that was cut off ends, clusters move to other silos, connections are closed.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    /// <summary>Adds it, with time enough for a grace. .NET's own limit, and Orleans', of 30 seconds would cut a longer one
    /// short.</summary>
    public static void AddTo(IServiceCollection services, TimeSpan grace)
    {
        services.Configure<HostOptions>(o =>
        {
            o.ShutdownTimeout = grace + Margin;

            // Our own loops let nothing out. Another's that fails may be one that the service cannot be without: it ends, with an exit
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
