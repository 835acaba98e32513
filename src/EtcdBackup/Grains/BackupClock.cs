using EtcdBackup.Clusters;
using EtcdBackup.Scheduling;
using EtcdBackup.Upkeep;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Grains;

/// <summary>
/// The clock of one cluster: decides when its backups run, and remembers how they ended. What happens in a run is in <c>Runs/</c>, what
/// happens to stored backups in <see cref="StoredBackups"/>. Its turns interleave wherever it awaits, and never overlap.
/// </summary>
internal sealed partial class BackupClock
{
    private static readonly TimeSpan ShortestHeartbeat = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestHeartbeat = TimeSpan.FromMinutes(5);

    private readonly ClusterKey _key;
    private readonly IClockHost _host;
    private readonly ClockServices _services;
    private readonly ILogger _logger;
    private readonly SavedState<BackupGrainState> _saved;
    private readonly StoredBackups _stored;
    private readonly Scrubber _scrubber;

    // Counts the requests of a person or the directory: a removal ends when a registration overtakes it.
    private int _said;
    private bool _isRemoving;

    /// <summary>Makes the clock of a cluster.</summary>
    public BackupClock(ClusterKey key, IPersistentState<BackupGrainState> state, IClockHost host, ClockServices services, ILogger logger)
    {
        (_key, _host, _services, _logger) = (key, host, services, logger);
        _saved = new SavedState<BackupGrainState>(state, Merge, services.Limits.Silence, services.Time);
        _stored = new StoredBackups(key, () => State.Spec, services.Catalogs, services.Time, logger)
        {
            LatestLost = AfterLoss,
        };
        _scrubber = new Scrubber(key, _stored, services.Reader, services.Slots, services.Scrub, services.Time, logger);
    }

    private BackupGrainState State => _saved.Value;

    private DateTimeOffset Now => _services.Time.GetUtcNow();

    private string? Refusal => State.Refusal(_key);

    /// <summary>Whether a run, a removal or a write of the state is in progress.</summary>
    public bool IsBusy => _run is not null || !_saved.IsIdle || _isRemoving;

    /// <summary>Whether the process is ending.</summary>
    public bool IsStopping => _services.Stop.Stopping.IsCancellationRequested;

    /// <summary>Plans the next run when the grain was activated.</summary>
    /// <param name="isGuest">Whether another silo handed a run over that could not begin there: it begins at once, whatever the clocks of
    /// the two say.</param>
    public void Wake(bool isGuest)
    {
        if (Refusal is { } refusal)
        {
            LogRefused(refusal);
        }
        else if (State.Spec is { } spec)
        {
            var due = Schedule.OnWake(State.NextDue, Now, spec.Backup.Interval);
            Plan(isGuest && due > Now ? Now : due);
            TellBoard();
        }
    }

    /// <inheritdoc cref="IBackupGrain.ConfigureAsync"/>
    public async Task ConfigureAsync(ClusterSpec spec, string source, TimeSpan within)
    {
        var before = State.Spec;
        if (Refusal is not null || (before == spec && State.Source == source && !_saved.IsDirty && !_isRemoving))
        {
            return;
        }

        _said++;
        _isRemoving = false;
        (State.Spec, State.Source) = (spec, source);
        var interval = spec.Backup.Interval;
        var due = before is null ? Now + (within * Schedule.PlaceOf(_key.ToString())) : Schedule.OnWake(State.NextDue, Now, interval);
        Plan(due);
        TellBoard();
        var heartbeat = Math.Clamp(interval.TotalSeconds, ShortestHeartbeat.TotalSeconds, LongestHeartbeat.TotalSeconds);
        await _host.KeepHeartbeatAsync(TimeSpan.FromSeconds(heartbeat));
        await SaveSaidAsync();
        LogConfigured(_key, interval, before is null);
    }

    /// <inheritdoc cref="IBackupGrain.RemoveAsync"/>
    public async Task RemoveAsync(bool deleteBackups)
    {
        if (Refusal is { } refusal)
        {
            throw new InvalidOperationException(refusal);
        }

        // If the state was lost, so were the spec and the place of the backups; the directory may know them.
        if (!await IsRegisteredAsync())
        {
            return;
        }

        var mine = ++_said;
        _isRemoving = true;
        _host.SetTimer(Timeout.InfiniteTimeSpan);
        try
        {
            // No run may begin while the backups are being deleted.
            await CancelRunAsync();
            if (deleteBackups && _said == mine && State.Spec is { } spec)
            {
                await _stored.DeleteAllAsync(spec, () => _said == mine, CancellationToken.None);
            }

            if (_said == mine)
            {
                await UnregisterAsync();
                LogRemoved(_key, deleteBackups ? "deleted" : "kept");
            }
        }
        finally
        {
            EndRemoval(mine);
        }
    }

    /// <inheritdoc cref="IBackupGrain.DeleteBackupsAsync"/>
    public async Task DeleteBackupsAsync(ClusterSpec spec)
    {
        if (State.Spec is null && Refusal is null)
        {
            await _stored.DeleteAllAsync(spec, () => State.Spec is null, CancellationToken.None);
        }
    }

    /// <summary>The heartbeat: activates the grain, checks in at the directory, and finds an overdue run that nothing planned.</summary>
    public async Task HeartbeatAsync()
    {
        if (Refusal is not null)
        {
            return;
        }

        if (!await IsRegisteredAsync())
        {
            await _host.EndHeartbeatAsync();
            return;
        }

        await _host.CheckInAsync(State.Spec, State.Source);
        if (_stored.View is null && _refresh.IsCompleted)
        {
            // After a start the next run may be far away, and what is stored is to be told before. Heartbeats come one after the other.
            _refresh = RefreshAsync();
        }

        if (State is { Spec: not null, NextDue: { } due } && _run is null && Now - due > ShortestHeartbeat)
        {
            LogOverdue(_key, due);
            Plan(Now);
        }
    }

    // The state may have been lost while the directory still knows the cluster.
    private async Task<bool> IsRegisteredAsync()
    {
        if (State.Spec is null && !_isRemoving && Refusal is null && await _host.CheckInAsync(null, "") is { } known && State.Spec is null)
        {
            await ConfigureAsync(known.Spec, known.Source, TimeSpan.Zero);
        }

        return State.Spec is not null;
    }

    // A removal that failed leaves the cluster registered, and its backups go on.
    private void EndRemoval(int mine)
    {
        if (_said != mine)
        {
            return;
        }

        _isRemoving = false;
        if (State.Spec is not null)
        {
            Plan(State.NextDue ?? Now);
        }
    }

    private async Task UnregisterAsync()
    {
        await _host.EndHeartbeatAsync();
        _saved.Value = new BackupGrainState();
        _services.Board.Remove(_key);
        await SaveSaidAsync();
        _host.Leave();
    }

    private void TellListeners()
    {
        foreach (var listener in _services.Listeners)
        {
            listener.Changed(_key);
        }
    }

    private void Plan(DateTimeOffset due)
    {
        State.NextDue = due;
        var wait = due - Now;
        _host.SetTimer(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }
}
