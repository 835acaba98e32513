using System.Diagnostics;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Scheduling;
using EtcdBackup.Snapshots;
using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Runs;

/// <summary>What a run needs to know of the past.</summary>
/// <param name="Spec">The cluster.</param>
/// <param name="Recorded">Where it stood at its last backup; null when there is none.</param>
/// <param name="Lineage">The history of the last backup; null when there is none.</param>
/// <param name="Latest">The last backup; it must still be in the store for "unchanged" to be true.</param>
/// <param name="Due">When the backup was due; decides who waits for whom.</param>
public sealed record RunRequest(ClusterSpec Spec, ClusterPosition? Recorded, Lineage? Lineage, BackupName? Latest, DateTimeOffset Due)
{
    /// <summary>Asked when the snapshot would have to wait for others: true when it is taken elsewhere instead.</summary>
    public Func<Task<bool>> GoElsewhereAsync { get; init; } = () => Task.FromResult(false);
}

/// <summary>The snapshot would have had to wait here, and is taken elsewhere.</summary>
public sealed class TakenElsewhereException() : Exception("the snapshot is taken by another silo, which has a slot free");

/// <summary>Takes one backup of one cluster: probe, decide, stream, check, commit.</summary>
public sealed partial class BackupRunner(BackupCatalogs catalogs, EtcdConnections connections, RunSlots slots, EtcdTimeouts timeouts, TimeProvider time, ILogger<BackupRunner> logger)
{
    /// <summary>Runs to the end.</summary>
    /// <param name="request">What is known.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="beginning">Ends the waiting for a turn, and nothing that has begun.</param>
    /// <param name="cancellationToken">Ends it anywhere.</param>
    /// <returns>The metadata of the new backup; null when the cluster is unchanged since <see cref="RunRequest.Latest"/>.</returns>
    /// <exception cref="EtcdUnavailableException">No member gave a snapshot.</exception>
    /// <exception cref="SnapshotCorruptException">Every snapshot that came was damaged.</exception>
    /// <exception cref="StoreFullException">No room in the store.</exception>
    /// <exception cref="TakenElsewhereException"><see cref="RunRequest.GoElsewhereAsync"/> said so.</exception>
    public async Task<BackupMetadata?> RunAsync(RunRequest request, RunProgress progress, CancellationToken beginning, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var created = time.GetUtcNow();
        var catalog = await catalogs.ForAsync(request.Spec, cancellationToken);

        progress.Stage = RunStage.Waiting;
        using var check = await slots.Checks.EnterAsync(request.Due, beginning);
        progress.Stage = RunStage.Probing;
        using var cluster = await connections.OpenAsync(request.Spec, cancellationToken);
        var members = await cluster.ProbeAsync(cancellationToken);
        var (position, lineage) = await LocateAsync(cluster, members, request, cancellationToken);
        if (lineage is null)
        {
            if (await catalog.ExistsAsync(request.Latest!.Value, cancellationToken))
            {
                return null;
            }

            LogLatestGone(request.Spec.Key, request.Latest.Value);
            lineage = request.Lineage!;
        }

        check.Dispose();
        progress.Stage = RunStage.Waiting;
        if (slots.Snapshots.Free == 0 && await request.GoElsewhereAsync())
        {
            throw new TakenElsewhereException();
        }

        using var slot = await slots.Snapshots.EnterAsync(request.Due, beginning);
        var download = new SnapshotDownload(catalog, timeouts, progress);
        var failures = new List<Exception>();
        foreach (var member in MemberChoice.Order(members, position.Revision))
        {
            try
            {
                await using var snapshot = await download.RunAsync(cluster.Member(member.Endpoint), member, lineage.Tag, cancellationToken);
                progress.Stage = RunStage.Proving;
                var found = await ProveAsync(cluster, member, members, snapshot, request.Spec, catalog, cancellationToken);
                progress.Stage = RunStage.Committing;
                return await catalog.CommitAsync(snapshot.Pending, new BackupMetadata
                {
                    // Writes may have come between the probe and the snapshot: what counts is what is in the file.
                    Name = new BackupName(member.Version, found.Report.Revision, lineage.Tag, snapshot.Pending.Encoding),
                    Revision = found.Report.Revision,
                    Version = member.Version,
                    CreationTime = created,
                    DurationSeconds = Math.Round(watch.Elapsed.TotalSeconds, 3),
                    Size = snapshot.Size,
                    Sha256 = snapshot.Sha256,
                    Position = position with { Revision = found.Report.Revision, RaftIndex = Math.Max(position.RaftIndex, found.Report.ConsistentIndex ?? 0) },
                    Lineage = lineage,
                    Member = member.Endpoint.Authority,
                    KeyId = snapshot.Pending.KeyId,
                    Snapshot = found.Report,
                    Proof = found.Proof,
                }, cancellationToken);
            }
            catch (Exception e) when (e is EtcdUnavailableException or SnapshotCorruptException)
            {
                LogMemberFailed(request.Spec.Key, member.Endpoint, e);
                failures.Add(e);
            }
        }

        throw failures.Count switch
        {
            0 => new EtcdUnavailableException($"no member of {request.Spec.Key} can give a snapshot of revision {position.Revision}: {MemberChoice.Explain(members)}"),
            1 => failures[0],
            _ => failures.Find(f => f is SnapshotCorruptException) ?? new EtcdUnavailableException(string.Join("; ", failures.Select(f => f.Message)), failures[^1]),
        };
    }

    // Opens the file and compares it with the member. What fails is kept aside, to be looked at, and is no backup.
    private async Task<(SnapshotReport Report, LiveProof? Proof)> ProveAsync(
        EtcdCluster cluster, MemberStatus member, IReadOnlyList<MemberStatus> members, DownloadedSnapshot snapshot, ClusterSpec spec, BackupCatalog catalog, CancellationToken cancellationToken)
    {
        try
        {
            var report = SnapshotInspector.Inspect(snapshot.Pending.LocalPath, cancellationToken);
            (var proof, report) = await LiveComparison.CompareAsync(cluster, member, MemberChoice.Order(members), snapshot.Pending.LocalPath, report, spec.Backup.Proof, timeouts, cancellationToken);
            if (proof is { MembersDiffer: true })
            {
                LogMembersDiffer(spec.Key, proof.Detail);
            }

            return proof is { Result: ProofResult.Mismatch } ? throw new SnapshotCorruptException(proof.Detail) : (report, proof);
        }
        catch (SnapshotCorruptException e)
        {
            var aside = await catalog.KeepAsideAsync(snapshot.Pending, $"{member.Version}_{member.Revision:x16}_{member.MemberId:x16}", e.Message, cancellationToken);
            LogCorrupt(spec.Key, member.Endpoint, aside, e);
            throw new SnapshotCorruptException($"the snapshot of {member.Endpoint.Authority} arrived whole and is not sound: {e.Message}. It is kept as {aside}", e);
        }
    }

    // Where the cluster stands, and the history that a backup of it belongs to; no history when it is unchanged.
    private async Task<(ClusterPosition Position, Lineage? Lineage)> LocateAsync(
        EtcdCluster cluster, IReadOnlyList<MemberStatus> members, RunRequest request, CancellationToken cancellationToken)
    {
        var usable = MemberChoice.Order(members);
        if (usable.Count == 0)
        {
            throw new EtcdUnavailableException($"no member of {request.Spec.Key} can be used: {MemberChoice.Explain(members)}");
        }

        if (usable.Any(m => m.ClusterId != usable[0].ClusterId))
        {
            throw new EtcdUnavailableException(
                $"the endpoints of {request.Spec.Key} belong to different etcd clusters ({string.Join(", ", usable.Select(m => $"{m.Endpoint.Authority} to {m.ClusterId:x16}"))}): name the members of one");
        }

        var position = ClusterPosition.Of(usable);
        var change = Lineage.Compare(request.Recorded, position);
        if (change == Progress.WentBack)
        {
            if (await cluster.ConfirmAsync(usable, cancellationToken) is not { } confirmed)
            {
                throw new EtcdUnavailableException(
                    $"the members of {request.Spec.Key} that answered are behind the last backup (revision {position.Revision} of {request.Recorded!.Revision}), and no quorum says whether that is the truth: {MemberChoice.Explain(members)}");
            }

            position = ClusterPosition.Of([.. usable, confirmed]);
            change = Lineage.Compare(request.Recorded, position);
        }

        switch (change)
        {
            case Progress.Unchanged when request.Latest is not null:
                return (position, null);
            case Progress.WentBack or Progress.OtherHistory:
                var next = Lineage.After(request.Lineage, position.ClusterId);
                LogNewHistory(request.Spec.Key, request.Recorded!, position, next.Incarnation);
                return (position, next);
            default:
                return (position, request.Lineage ?? Lineage.After(null, position.ClusterId));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster} was restored or recreated: it stood at {Before} and stands at {Now}; its backups begin a new history, number {Incarnation}")]
    private partial void LogNewHistory(ClusterKey cluster, ClusterPosition before, ClusterPosition now, int incarnation);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster} is unchanged, but its last backup {Backup} is no longer in the store: taking it again")]
    private partial void LogLatestGone(ClusterKey cluster, BackupName backup);

    [LoggerMessage(Level = LogLevel.Critical, Message = "THE DATA OF {Cluster} MAY BE DAMAGED on member {Endpoint}: its snapshot is not sound. It is kept as {Aside}. Compare the members with 'etcdctl endpoint hashkv'")]
    private partial void LogCorrupt(ClusterKey cluster, Uri endpoint, string aside, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "THE MEMBERS OF {Cluster} HOLD DIFFERENT DATA. {Detail}. Replace the member that differs")]
    private partial void LogMembersDiffer(ClusterKey cluster, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Member {Endpoint} of {Cluster} gave no sound snapshot; trying another")]
    private partial void LogMemberFailed(ClusterKey cluster, Uri endpoint, Exception exception);
}
