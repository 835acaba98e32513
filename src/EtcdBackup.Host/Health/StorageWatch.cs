using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
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

    private readonly ConcurrentDictionary<string, bool> _failing = [];
    private readonly Meter _meter = new("etcdbackup");

    /// <summary>What cannot be used, and why; null if all can.</summary>
    public string? Problem { get; private set; } = "the state and the volume were not yet looked at";

    /// <inheritdoc/>
    protected override TimeSpan Every => TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override TimeSpan LongestPause => Every;

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _meter.CreateObservableGauge("etcdbackup.storage.failing", Measure, description: "1 while it cannot be read and written.");
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        await LookAsync("state", "the state store", () => state.CheckAsync(stoppingToken).WaitAsync(StateLimit, stoppingToken));
        // A bucket that is down takes no instance out of service: other instances could not use it either.
        await LookAsync("volume", "the backup store", () => stores.Volume.CheckAsync(stoppingToken));
        Problem = null;
    }

    private async Task LookAsync(string storage, string what, Func<Task> look)
    {
        try
        {
            await look();
            _failing[storage] = false;
        }
        catch (Exception e)
        {
            _failing[storage] = true;
            var why = e is TimeoutException ? $"it did not answer for {StateLimit.TotalSeconds:0} s" : e.Message;
            Problem = $"{what} cannot be used: {why}";
            throw;
        }
    }

    private IEnumerable<Measurement<int>> Measure() =>
        _failing.Select(f => new Measurement<int>(f.Value ? 1 : 0, new KeyValuePair<string, object?>("storage", f.Key)));
}
