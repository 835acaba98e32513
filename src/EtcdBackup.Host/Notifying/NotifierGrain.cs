using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Host.Notifying.Watching;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Storage;

namespace EtcdBackup.Host.Notifying;

/// <summary>
/// The grain around the <see cref="Notifier"/>: gives it a timer and a state. It is where it was first called: a silo that calls it has
/// somebody to tell. Two for a moment do no harm: what they tell twice has the same id.
/// </summary>
[KeepAlive]
[Reentrant]
[PreferLocalPlacement]
internal sealed partial class NotifierGrain(
    [PersistentState("notifier", GrainStorage.Name)] IPersistentState<NotifierState> state, NotifyingOptions options, TimeProvider time,
    ILogger<NotifierGrain> logger) : Grain, INotifierGrain, IDisposable
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SavePatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SaveEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private Notifier _notifier = null!;
    private Task _saving = Task.CompletedTask;
    private DateTimeOffset _savedAt;
    private bool _isSaveFailing;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _notifier = new Notifier(state.State, options, new ClusterGrains(GrainFactory, time), time, logger);
        _notifier.Start();
        this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions(TickEvery, TickEvery) { Interleave = true, KeepAlive = true });
        LogRuns(RuntimeIdentity);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.WhenAny(_notifier.StopAsync(), Task.Delay(StopPatience, time, CancellationToken.None));
        await SaveAsync();
    }

    /// <inheritdoc/>
    public Task EnsureAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public Task NoteAsync(IReadOnlyList<ClusterKey> clusters)
    {
        foreach (var cluster in clusters)
        {
            _notifier.Note(cluster);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _notifier?.Dispose();

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        try
        {
            _notifier.Tick();
            var fresh = _notifier.Fresh;
            if (fresh > 0 || (_notifier.IsUnsaved && time.GetUtcNow() - _savedAt > SaveEvery))
            {
                await SaveAsync();
            }

            _notifier.Tell(fresh);
        }
        catch (Exception e)
        {
            LogFault(e);
        }
    }

    // First saved, then told: an end is told only of what was saved. But a state store that is down must not keep the rest from people.
    private async Task SaveAsync()
    {
        if (_saving.IsCompleted)
        {
            _savedAt = time.GetUtcNow();
            _saving = WriteAsync();
        }

        await Task.WhenAny(_saving, Task.Delay(SavePatience, time, CancellationToken.None));
    }

    private async Task WriteAsync()
    {
        if (state.State.Format > NotifierState.CurrentFormat)
        {
            TellSave($"it has format {state.State.Format}, written by a newer build, and is left alone: end the upgrade");
            return;
        }

        try
        {
            _notifier.WriteTo(state.State);
            await state.WriteStateAsync();
            _isSaveFailing = false;
        }
        catch (InconsistentStateException e)
        {
            // Two for a moment: this one goes, and whoever is next begins with what the other wrote.
            LogOther(e.Message);
            DeactivateOnIdle();
        }
        catch (Exception e)
        {
            _notifier.NotSaved();
            TellSave(e.Message);
        }
    }

    private void TellSave(string why)
    {
        if (!_isSaveFailing)
        {
            LogNotSaved(why);
        }

        _isSaveFailing = true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The notifier runs on {Silo}")]
    private partial void LogRuns(string silo);

    [LoggerMessage(Level = LogLevel.Information, Message = "Another silo runs a notifier too, and this one ends: {Why}")]
    private partial void LogOther(string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What was told cannot be saved: {Why}. After a restart some of it is told again, " +
        "with the same ids; this is logged once")]
    private partial void LogNotSaved(string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "The notifier failed in one round because of an internal error, and goes on")]
    private partial void LogFault(Exception exception);
}
