using EtcdBackup.Hosting;
using Orleans.Clustering.Redis;

namespace EtcdBackup.Host.Silo;

/// <summary>
/// Ends a silo that the membership table does not name: what keeps the table was emptied, or restored from before this silo joined.
/// Others that start then do not know of this silo, nor it of them, and nobody would take over what it serves when it dies.
/// Orleans itself adds the own silo to each view of the table that it gives, and would not notice.
/// </summary>
internal sealed partial class MembershipWatch(
    IMembershipTable table, ILocalSiloDetails own, ISiloStatusOracle silo, IHostApplicationLifetime lifetime,
    ILogger<MembershipWatch> logger) : LoopService(logger)
{
    // A table that is restored is empty for a moment.
    private const int ReadsUntilSure = 3;

    private int _missed;

    /// <summary>What is wrong; null if nothing is known to be.</summary>
    public string? Problem { get; private set; }

    /// <inheritdoc/>
    protected override TimeSpan Every => TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        if (silo.CurrentStatus != SiloStatus.Active)
        {
            return;
        }

        _missed = await IsNamedAsync(stoppingToken) ? 0 : _missed + 1;
        Problem = _missed == 0 ? null : "the membership table does not name this silo";
        if (_missed >= ReadsUntilSure)
        {
            LogMissing(own.SiloAddress);
            lifetime.StopApplication();
        }
    }

    private async Task<bool> IsNamedAsync(CancellationToken stoppingToken)
    {
        try
        {
            return (await table.ReadRowAsync(own.SiloAddress, stoppingToken)).TryGet(own.SiloAddress) is not null;
        }
        catch (RedisClusteringException)
        {
            // Redis answered, and has no table at all.
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The membership table does not name this silo, {Silo}: what keeps the table was " +
        "emptied or restored. Other silos cannot know of this one. It ends, so that it joins again when your supervisor starts it.")]
    private partial void LogMissing(SiloAddress silo);
}
