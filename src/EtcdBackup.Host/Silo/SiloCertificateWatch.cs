namespace EtcdBackup.Host.Silo;

/// <summary>
/// Looks at the files once a minute: silos that all run make no new connections, and a renewal that failed is to be known before they do.
/// </summary>
internal sealed class SiloCertificateWatch(SiloCertificates certificates, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            certificates.Current();
        }
    }
}
