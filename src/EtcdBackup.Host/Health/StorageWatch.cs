using EtcdBackup.Host.State;
using EtcdBackup.Hosting;
using EtcdBackup.Stores;

namespace EtcdBackup.Host.Health;

/// <summary>
/// Writes to the state and to the volume now and then. Whoever asks whether the service is ready gets what was found last: many questions
/// at once cost nothing.
/// </summary>
internal sealed class StorageWatch(IStateStore state, StoreProvider stores, ILogger<StorageWatch> logger) : LoopService(logger)
{
    private static readonly TimeSpan StateLimit = TimeSpan.FromSeconds(5);

    /// <summary>What cannot be used, and why; null if all can.</summary>
    public string? Problem { get; private set; } = "the state and the volume were not yet looked at";

    /// <inheritdoc/>
    protected override TimeSpan Every => TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override TimeSpan LongestPause => Every;

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        await LookAsync("the state store", () => state.CheckAsync(stoppingToken).WaitAsync(StateLimit, stoppingToken));
        // A bucket that is down takes no instance out of service: other instances could not use it either.
        await LookAsync("the backup store", () => stores.Volume.CheckAsync(stoppingToken));
        Problem = null;
    }

    private async Task LookAsync(string what, Func<Task> look)
    {
        try
        {
            await look();
        }
        catch (Exception e)
        {
            var why = e is TimeoutException ? $"it did not answer for {StateLimit.TotalSeconds:0} s" : e.Message;
            Problem = $"{what} cannot be used: {why}";
            throw;
        }
    }
}
