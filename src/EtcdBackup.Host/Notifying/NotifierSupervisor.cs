using EtcdBackup.Hosting;

namespace EtcdBackup.Host.Notifying;

/// <summary>Runs in each silo: makes sure that the notifier runs on some silo, and passes to it what happened here.</summary>
internal sealed class NotifierSupervisor(IGrainFactory grains, NotedClusters noted, ILogger<NotifierSupervisor> logger)
    : LoopService(logger)
{
    /// <inheritdoc/>
    protected override TimeSpan Every => TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override TimeSpan LongestPause => TimeSpan.FromSeconds(5);

    // The notifier's silo may have died just now: it comes up in another one.
    /// <inheritdoc/>
    protected override LogLevel FailureLevel => LogLevel.Warning;

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        var notifier = grains.GetGrain<INotifierGrain>(INotifierGrain.Key);
        await notifier.EnsureAsync();
        await noted.Waiting.TellAsync(notifier.NoteAsync);
    }
}
