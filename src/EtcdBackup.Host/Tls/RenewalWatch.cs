namespace EtcdBackup.Host.Tls;

/// <summary>Looks at the files once a second, away from the connections: a volume that hangs would hold up all of them.</summary>
internal sealed class RenewalWatch(IEnumerable<IRenewed> all, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(all.Select(o => FollowAsync(o, stoppingToken)));

    private async Task FollowAsync(IRenewed one, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var look = Task.Run(one.Look, CancellationToken.None);
            try
            {
                await look.WaitAsync(Limit, time, stoppingToken);
            }
            catch (TimeoutException)
            {
                one.Hangs(Limit);
                await look.WaitAsync(stoppingToken);
            }
        }
    }
}
