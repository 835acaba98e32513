using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Hosting;

/// <summary>Removes what failed attempts left in the stores.</summary>
internal sealed partial class Sweeper(StoreProvider stores, EtcdBackupOptions options, ILogger<Sweeper> logger) : LoopService(logger)
{
    // A store that is down for a day is logged once, not each time.
    private readonly HashSet<string> _told = [];

    protected override TimeSpan Every => TimeSpan.FromSeconds(Math.Clamp(Age.TotalSeconds / 6, 1, 600));

    private TimeSpan Age => options.SweepAge;

    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        var failed = new HashSet<string>();
        await SweepAsync(() => Task.FromResult(stores.Scratch.Sweep(Age, stoppingToken)), failed, stoppingToken);
        foreach (var store in stores.All)
        {
            await SweepAsync(() => store.SweepAsync(Age, stoppingToken), failed, stoppingToken);
        }

        _told.IntersectWith(failed);
    }

    private async Task SweepAsync(Func<Task<int>> sweep, HashSet<string> failed, CancellationToken stoppingToken)
    {
        try
        {
            var swept = await sweep();
            if (swept > 0)
            {
                LogSwept(swept);
            }
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // A failure of one store does not keep others from being swept.
            failed.Add(CauseOf(e));
            if (_told.Add(CauseOf(e)))
            {
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Count} leftovers of failed attempts")]
    private partial void LogSwept(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Leftovers of failed attempts could not be removed; trying again later. This is " +
        "logged once")]
    private partial void LogFailed(Exception exception);
}
