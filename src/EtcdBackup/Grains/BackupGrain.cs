using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Placement;
using EtcdBackup.Retention;
using EtcdBackup.Upkeep;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime.Placement;

namespace EtcdBackup.Grains;

/// <summary>
/// The grain of one cluster: gives its <see cref="BackupClock"/> a timer, a reminder, a state and a silo. Reentrant, so that a changed
/// spec or a second caller is served during a run of hours. The reminder activates the grain after a crash; the timer is exact.
/// </summary>
[Reentrant]
[KeepAlive]
[SpreadPlacement]
internal sealed partial class BackupGrain : Grain, IBackupGrain, IRemindable, IGrainMigrationParticipant, IClockHost
{
    private const string Heartbeat = "heartbeat";
    private const string Guest = "guest";

    private readonly BackupClock _clock;
    private readonly HandOff _handOff;
    private readonly ChangeLogs _logs;
    private readonly ILogger<BackupGrain> _logger;
    private IGrainTimer? _timer;

    // It moved here for a free slot. If that is taken meanwhile, it waits: another move would help nobody.
    private bool _isGuest;

    // The silo that continues the run that is ending.
    private SiloAddress? _next;

    /// <summary>Called by Orleans.</summary>
    public BackupGrain(
        [PersistentState("backup", GrainStorage.Name)] IPersistentState<BackupGrainState> state, ClockServices services, HandOff handOff,
            ChangeLogs logs, ILogger<BackupGrain> logger)
    {
        (_handOff, _logs, _logger) = (handOff, logs, logger);
        _clock = new BackupClock(ClusterKey.Parse(this.GetPrimaryKeyString()), state, this, services, logger);
    }

    string IClockHost.Silo => RuntimeIdentity;

    private ClusterKey Key => ClusterKey.Parse(this.GetPrimaryKeyString());

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _timer = this.RegisterGrainTimer(
            _ => _clock.TimerAsync(),
                new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { Interleave = true, KeepAlive = true });
        _clock.Wake(_isGuest);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _clock.LeaveBoard();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        try
        {
            await _clock.HeartbeatAsync();
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            // The directory is moving, or the state store is unavailable: the next heartbeat tries again.
            LogNotCheckedIn(Key, e.Message);
        }

        MoveHome();
    }

    /// <inheritdoc/>
    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        if (_next is not null)
        {
            dehydrationContext.TryAddValue(Guest, true);
        }
    }

    /// <inheritdoc/>
    public void OnRehydrate(IRehydrationContext rehydrationContext) =>
        _isGuest = rehydrationContext.TryGetValue<bool>(Guest, out var isGuest) && isGuest;

    /// <inheritdoc/>
    public Task ConfigureAsync(ClusterSpec spec, string source, TimeSpan within) => _clock.ConfigureAsync(spec, source, within);

    /// <inheritdoc/>
    public Task RemoveAsync(bool deleteBackups) => _clock.RemoveAsync(deleteBackups);

    /// <inheritdoc/>
    public Task DeleteBackupsAsync(ClusterSpec spec) => _clock.DeleteBackupsAsync(spec);

    /// <inheritdoc/>
    public Task<BackupNowReply> BackupNowAsync() => _clock.BackupNowAsync();

    /// <inheritdoc/>
    public Task<ClusterLocation> WakeAsync()
    {
        MoveHome();
        return Task.FromResult(new ClusterLocation(_handOff.Here.ToParsableString(), _clock.IsBusy));
    }

    /// <inheritdoc/>
    public Task<ClusterStatus> GetStatusAsync() => _clock.StatusAsync();

    /// <inheritdoc/>
    public Task<ClusterSummary> GetSummaryAsync() => Task.FromResult(_clock.Summary());

    /// <inheritdoc/>
    public Task<ClusterSummary> GetState() => GetSummaryAsync();

    /// <inheritdoc/>
    public Task<FoundBackup> FindAsync(BackupQuestion question) => _clock.FindAsync(question);

    /// <inheritdoc/>
    public Task<BackupSlice> ListBackupsAsync(int from, int limit) => _clock.ListAsync(from, limit);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RetentionDecision>> PreviewRetentionAsync() => _clock.PreviewRetentionAsync();

    /// <inheritdoc/>
    public async Task<LogState?> GetLogAsync(bool store) =>
        _logs.Find(Key) is not { } log ? null : store ? await log.StoreAsync() : log.State;

    /// <inheritdoc/>
    public Task<VerificationReport?> VerifyAsync(BackupName backup) => _clock.VerifyAsync(backup);

    /// <inheritdoc/>
    public Task<Deletion> DeleteAsync(BackupName backup, bool force) => _clock.DeleteAsync(backup, force);

    void IClockHost.SetTimer(TimeSpan wait) => _timer!.Change(wait, Timeout.InfiniteTimeSpan);

    Task IClockHost.KeepHeartbeatAsync(TimeSpan period) => this.RegisterOrUpdateReminder(Heartbeat, period, period);

    async Task IClockHost.EndHeartbeatAsync()
    {
        if (await this.GetReminder(Heartbeat) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    async Task<(ClusterSpec Spec, string Source)?> IClockHost.CheckInAsync(ClusterSpec? spec, string source)
    {
        var directory = GrainFactory.GetGrain<IClusterDirectoryGrain>(IClusterDirectoryGrain.Key);
        var known = await directory.CheckInAsync(Key, spec, source);
        var owner = spec is null && known is not null ? await directory.OwnerOfAsync(Key) : source;
        return known is not null && owner is not null ? (known, owner) : null;
    }

    async Task<bool> IClockHost.HandOffAsync() =>
        !_isGuest && !_clock.HasCallers && (_next = await _handOff.FindFreeSiloAsync(Key)) is not null;

    void IClockHost.Idle()
    {
        _isGuest = false;
        if (_next is null)
        {
            MoveHome();
            return;
        }

        // The run is still due, so it begins as soon as the grain is there.
        LogMoves(Key, _next);
        RequestContext.Set(IPlacementDirector.PlacementHintKey, _next);
        try
        {
            MigrateOnIdle();
        }
        finally
        {
            RequestContext.Remove(IPlacementDirector.PlacementHintKey);
        }
    }

    void IClockHost.Leave() => DeactivateOnIdle();

    // A silo that joined gets its share: a cluster that is not on the silo of its placement moves there, but never during a run.
    private void MoveHome()
    {
        if (!_clock.IsBusy && !_clock.IsStopping && !_handOff.IsHome(Key))
        {
            MigrateOnIdle();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message =
        "{Cluster}: all snapshot slots of this silo are in use; {Silo} takes this snapshot")]
    private partial void LogMoves(ClusterKey cluster, SiloAddress silo);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster} could not check in at the directory: {Why}")]
    private partial void LogNotCheckedIn(ClusterKey cluster, string why);
}
