using EtcdBackup.Stores;

namespace EtcdBackup.Host.Hosting;

/// <summary>Removes what dead attempts left in the stores.</summary>
internal sealed partial class Sweeper(StoreProvider stores, Settings settings, ILogger<Sweeper> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var age = TimeSpan.FromSeconds(settings.Backups.SweepAgeInSecond);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Math.Clamp(age.TotalSeconds / 6, 1, 600)));
        do
        {
            await SweepAsync(() => Task.FromResult(stores.Scratch.Sweep(age, stoppingToken)));
            foreach (var store in stores.All)
            {
                await SweepAsync(() => store.SweepAsync(age, stoppingToken));
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SweepAsync(Func<Task<int>> sweep)
    {
        try
        {
            var swept = await sweep();
            if (swept > 0)
            {
                LogSwept(swept);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Count} leftovers of attempts that died")]
    private partial void LogSwept(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Leftovers of dead attempts could not be removed; trying again later")]
    private partial void LogFailed(Exception exception);
}
