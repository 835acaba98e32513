using EtcdBackup.Clusters;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Storage;

namespace EtcdBackup.Grains;

/// <summary>
/// The directory of clusters. <see cref="ClusterRegister"/> decides; this saves its decisions and carries them out. Reentrant, so that a
/// removal of an hour delays nobody. The register never awaits anything, so its decisions are still made one after the other.
/// </summary>
[KeepAlive]
[Reentrant]
internal sealed partial class ClusterDirectoryGrain(
    [PersistentState("directory", GrainStorage.Name)] IPersistentState<ClusterDirectoryState> state,
    TimeProvider time,
    RemovalTimes times,
    ILogger<ClusterDirectoryGrain> logger) : Grain, IClusterDirectoryGrain
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromSeconds(2);

    // By then each reporter has reported.
    private static readonly TimeSpan AllHeardAfter = RemovalTimes.ReportEvery + TimeSpan.FromSeconds(15);

    private readonly ClusterRegister _register = new(times);
    private readonly Dictionary<(string Source, string Reporter), string> _fingerprints = [];
    private readonly HashSet<(string Source, string Reporter)> _empty = [];
    private readonly HashSet<(string Source, string Reporter)> _tooOld = [];
    private IReadOnlyList<ClusterKey> _keys = [];
    private int _indexed = -1;
    private DateTimeOffset _activatedAt;
    private DirectoryWork _work = null!;

    private DateTimeOffset Now => time.GetUtcNow();

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        state.State.RestoreTo(_register);
        _activatedAt = Now;
        _work = new DirectoryWork(_register, state, k => GrainFactory.GetGrain<IBackupGrain>(k.ToString()), time, logger);
        this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions(TickEvery, TickEvery) { KeepAlive = true });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> HearAsync(string source, string reporter, string fingerprint) =>
        Task.FromResult(_fingerprints.GetValueOrDefault((source, reporter)) == fingerprint && _register.Hear(source, reporter, Now));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OwnedCluster>> ReportAsync(ClusterReport report)
    {
        var work = _register.Report(report.Source, report.Reporter, report.Stamp, report.Specs, Now);
        TellIfEmpty(report.Source, report.Reporter, report.Specs?.Count);
        TellIfTooOld(report.Source, report.Reporter);

        // The list is known from here on: what fails below is tried again by the ticks.
        _fingerprints[(report.Source, report.Reporter)] = report.Specs is null ? "" : report.Fingerprint;
        await _work.CarryOutAsync(work);
        return Owned(work);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ClusterKey>> ReportNamesAsync(string source, string reporter, IReadOnlyList<ClusterKey>? keys)
    {
        var work = _register.ReportNames(source, reporter, keys, Now);
        TellIfEmpty(source, reporter, keys?.Count);
        await _work.CarryOutAsync(work);
        return _register.WithoutSpec(source, reporter);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OwnedCluster>> RegisterAsync(string source, string reporter, IReadOnlyList<ClusterSpec> specs)
    {
        var keys = specs.Select(s => s.Key).ToHashSet();
        var work = _register.ReportSome(source, reporter, specs, Now);

        // Other acts of the source wait for the next tick: they must not delay this call.
        await _work.CarryOutAsync(work with { Acts = [.. work.Acts.Where(a => keys.Contains(a.Key))] });
        return Owned(work);
    }

    /// <inheritdoc/>
    public async Task<bool> UnregisterAsync(string source, ClusterKey key, bool deleteBackups)
    {
        if (_register.Find(key) is not { } entry || entry.Source != source)
        {
            return false;
        }

        _register.RemoveFromLists(key, source);
        await _work.RemoveNowAsync(key, deleteBackups, _ => RemovalAnswer.Done);
        return true;
    }

    /// <inheritdoc/>
    public Task<RemovalAnswer> RemoveAsync(ClusterKey key, bool deleteBackups) => _work.RemoveNowAsync(key, deleteBackups, entry =>
    {
        if (_register.NamedBy(key, Now) is { Count: > 0 } namedBy)
        {
            return RemovalAnswer.Kept(namedBy);
        }

        return Now - _activatedAt < AllHeardAfter
            ? RemovalAnswer.Refused(
                $"the list of clusters was just loaded, and whether a source names {key} is not known yet: try again in a minute")
            : RemovalAnswer.Done;
    });

    /// <inheritdoc/>
    public async Task<ClusterSpec?> CheckInAsync(ClusterKey key, ClusterSpec? spec, string source)
    {
        var before = _register.Version;
        var found = _register.CheckIn(key, spec, source, Now);
        if (_register.Version != before)
        {
            LogListedAgain(key, source);
            await _work.SaveAsync();
        }

        return found;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ClusterKey>> ListOfAsync(string source) =>
        Task.FromResult<IReadOnlyList<ClusterKey>>([.. _register.Entries.Where(e => e.Source == source
            && e.Stage == ClusterStage.Registered).Select(e => e.Key)]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ClusterKey>> ListAsync() => Task.FromResult(Keys());

    /// <inheritdoc/>
    public Task<IReadOnlyList<ListedCluster>> ListAllAsync()
        => Task.FromResult<IReadOnlyList<ListedCluster>>([.. _register.Entries.Select(e =>
        new ListedCluster(e.Key, e.Stage == ClusterStage.Registered, e.MissingSince, e.UnregisteredBy(_register.Times),
            e.BackupsDeletedBy(_register.Times)))]);

    /// <inheritdoc/>
    public Task<string?> OwnerOfAsync(ClusterKey key) => Task.FromResult(_register.Find(key) is { Stage: ClusterStage.Registered } entry
        ? entry.Source : null);

    /// <inheritdoc/>
    public Task<HostResolution> ResolveHostAsync(string? host) => Task.FromResult(HostResolver.Resolve(host, Keys()));

    private static IReadOnlyList<OwnedCluster> Owned(RegisterWork work) => [.. work.Owned.Select(e => new OwnedCluster(e.Key, e.Source))];

    private void TellIfEmpty(string source, string reporter, int? named)
    {
        var count = named == 0 ? _register.Entries.Count(e => e.Source == source && e.Stage == ClusterStage.Registered) : 0;
        if (count == 0)
        {
            _empty.Remove((source, reporter));
        }
        else if (_empty.Add((source, reporter)))
        {
            LogEmpty(source, reporter, count);
        }
    }

    private void TellIfTooOld(string source, string reporter)
    {
        var kept = _register.KeptFrom(source, reporter);
        if (kept.Count == 0)
        {
            _tooOld.Remove((source, reporter));
        }
        else if (_tooOld.Add((source, reporter)))
        {
            LogTooOld(source, reporter, kept.Count, kept[0]);
        }
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _work.TickAsync();
        }
        catch (InconsistentStateException e)
        {
            LogOtherDirectory(e);
            DeactivateOnIdle();
        }
    }

    private IReadOnlyList<ClusterKey> Keys()
    {
        if (_indexed != _register.Version)
        {
            (_keys, _indexed) = ([.. _register.Entries.Where(e => e.Stage == ClusterStage.Registered).Select(e => e.Key)],
                _register.Version);
        }

        return _keys;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: {Reporter} names no cluster at all, and {Count} stay registered: an " +
        "empty list removes nothing. To remove one: DELETE /v1/clusters/NAMESPACE/NAME")]
    private partial void LogEmpty(string source, string reporter, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: {Reporter} does not name {Count} registered clusters, {Cluster} among " +
        "them, but its file was written before one that named them: an older file removes nothing. If it is right, touch it")]
    private partial void LogTooOld(string source, string reporter, int count, ClusterKey cluster);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster}, of {Source}, is registered and was not in the list of clusters, " +
        "which was lost or is an older one: it is listed again")]
    private partial void LogListedAgain(ClusterKey cluster, string source);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another activation of the directory wrote the state: loading what it wrote")]
    private partial void LogOtherDirectory(Exception exception);
}
