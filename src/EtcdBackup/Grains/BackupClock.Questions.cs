using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Retention;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Grains;

/// <content>Answers to requests, from memory where possible.</content>
internal sealed partial class BackupClock
{
    private static readonly TimeSpan FreshView = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenLosses = TimeSpan.FromMinutes(1);

    private DateTimeOffset _replacedAt;

    /// <inheritdoc cref="IBackupGrain.GetSummaryAsync"/>
    public ClusterSummary Summary() => new()
    {
        Key = _key,
        Registered = State.Spec is not null,
        Silo = _host.Silo,
        Spec = State.Spec,
        NextDue = State.NextDue,
        LastSuccess = State.LastSuccess,
        FailuresInRow = State.FailuresInRow,
        LastOutcome = Refusal is { } refusal ? new RunOutcome(Now, 0, RunResult.Failed, refusal, null) : State.Outcomes.FirstOrDefault(),
        Running = _progress is { } p ? new RunningBackup(p.StartedAt, p.Stage, p.Bytes, p.ExpectedBytes) : null,
    };

    /// <inheritdoc cref="IBackupGrain.GetStatusAsync"/>
    public async Task<ClusterStatus> StatusAsync()
    {
        if (!await IsRegisteredAsync())
        {
            return new ClusterStatus(Summary(), State.Outcomes, new StoredSummary(0, 0, null, [], Now), null);
        }

        var view = await _stored.GetAsync(CancellationToken.None);
        TellBoard();
        RefreshSoon(view);
        var stored = new StoredSummary(view.Entries.Count, view.Bytes, view.Latest, view.Damaged, view.ListedAt);
        return new ClusterStatus(Summary(), State.Outcomes, stored, _stored.Problem) { Members = _members };
    }

    /// <inheritdoc cref="IBackupGrain.FindAsync"/>
    public async Task<FoundBackup> FindAsync(BackupQuestion question)
    {
        if (!await IsRegisteredAsync())
        {
            return new FoundBackup(null, null);
        }

        var found = await _stored.FindAsync(question.Find, CancellationToken.None);
        while (found is { IsDoubtful: true } && State.Spec is { } spec)
        {
            await SettleAsync(spec, found);
            found = await _stored.FindAsync(question.Find, CancellationToken.None);
        }

        if (_stored.View is { } view)
        {
            RefreshSoon(view);
        }

        return new FoundBackup(State.Spec, found);
    }

    /// <inheritdoc cref="IBackupGrain.ListBackupsAsync"/>
    public async Task<BackupSlice> ListAsync(int from, int limit)
    {
        if (!await IsRegisteredAsync())
        {
            return new BackupSlice([], 0);
        }

        var view = await _stored.RefreshAsync(CancellationToken.None);
        var page = view.Entries.Skip(from).Take(limit).ToArray();
        return new BackupSlice(await _stored.WithAllMetadataAsync(page, CancellationToken.None), view.Entries.Count);
    }

    /// <inheritdoc cref="IBackupGrain.PreviewRetentionAsync"/>
    public async Task<IReadOnlyList<RetentionDecision>> PreviewRetentionAsync() => await IsRegisteredAsync() && State.Spec is { } spec
        ? await _stored.DecideAsync(spec, await _stored.RefreshAsync(CancellationToken.None), CancellationToken.None)
        : [];

    /// <inheritdoc cref="IBackupGrain.DeleteAsync"/>
    public async Task<Deletion> DeleteAsync(BackupName backup, bool force) => await IsRegisteredAsync()
        ? await ThenTellBoardAsync(() => _stored.DeleteAsync(backup, force, CancellationToken.None))
        : Deletion.NotFound;

    /// <inheritdoc cref="IBackupGrain.VerifyAsync"/>
    public async Task<VerificationReport?> VerifyAsync(BackupName backup)
    {
        if (!await IsRegisteredAsync() || State.Spec is not { } spec ||
            await _stored.FindAsync(v => v.Find(backup), CancellationToken.None) is not { } entry)
        {
            return null;
        }

        try
        {
            var report = await _scrubber.VerifyAsync(spec, entry, isSlow: false, _services.Stop.Stopping);
            AfterReading(report.Verification.Sound);
            return report;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private async Task SettleAsync(ClusterSpec spec, BackupEntry doubtful)
    {
        try
        {
            await _scrubber.SettleAsync(spec, doubtful, _services.Stop.Stopping);
        }
        catch (FileNotFoundException)
        {
            // removed meanwhile: the next search finds what is there now
            return;
        }

        AfterReading(_stored.View?.Find(doubtful.Name)?.IsSound is true);
    }

    // A backup that is damaged or gone is worth nothing, whether it may be served or not: a new one is due at once.
    private void AfterReading(bool isSound) => TellAndPlan(isSound ? null : Now);

    // A store that loses each one is not asked to take another at every look.
    private void AfterLoss()
    {
        var next = _replacedAt + BetweenLosses;
        _replacedAt = next > Now ? next : Now;
        TellAndPlan(_replacedAt);
    }

    private void TellAndPlan(DateTimeOffset? due)
    {
        TellBoard();
        TellListeners();
        if (due is { } next && State.Spec is not null && !_isRemoving && !(next > Now && State.NextDue <= next))
        {
            Plan(next);
        }
    }

    // Answers come from memory; what others changed in the store shows in the next one.
    private void RefreshSoon(StoredView view)
    {
        if (Now - view.ListedAt > FreshView && _refresh.IsCompleted)
        {
            _refresh = RefreshAsync();
        }
    }

    private async Task RefreshAsync()
    {
        try
        {
            await ThenTellBoardAsync(() => _stored.RefreshAsync(_services.Stop.Stopping));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            LogNotListed(_key, e.Message);
        }
    }
}
