namespace EtcdBackup.Host.Tls;

/// <summary>
/// Looks at the files once a minute: where no new connections are made, a renewal that failed is to be known before they are.
/// </summary>
internal sealed class RenewalWatch(IEnumerable<IRenewed> all, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var one in all)
            {
                one.Look();
            }
        }
    }
}
