using EtcdBackup.Stores;

namespace EtcdBackup.Host.Hosting;

/// <summary>Removes what dead attempts left in the stores.</summary>
internal sealed partial class Sweeper(StoreProvider stores, Settings settings, ILogger<Sweeper> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var age = TimeSpan.FromSeconds(settings.Backups.SweepAgeInSecond);
        using var timer = new PeriodicTimer(age < TimeSpan.FromMinutes(1) ? age : TimeSpan.FromMinutes(1));
        do
        {
            foreach (var store in stores.All)
            {
                try
                {
                    var swept = await store.SweepAsync(age, stoppingToken);
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
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Count} leftovers of attempts that died")]
    private partial void LogSwept(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Leftovers of dead attempts could not be removed; trying again in a minute")]
    private partial void LogFailed(Exception exception);
}
