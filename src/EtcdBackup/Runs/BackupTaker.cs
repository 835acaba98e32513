using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Files;
using EtcdBackup.Upkeep;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Runs;

/// <summary>The second step of a run: takes the backup.</summary>
/// <param name="catalogs">Where backups go.</param>
/// <param name="transfer">Receives snapshots.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs which member failed.</param>
internal sealed partial class BackupTaker(
    BackupCatalogs catalogs, ISnapshotTransfer transfer, TimeProvider time, ILogger<BackupTaker> logger)
{
    /// <summary>Takes the snapshot from the first member that gives a sound one.</summary>
    /// <param name="cluster">The connections.</param>
    /// <param name="spec">The spec that the run began with.</param>
    /// <param name="check">What the check found.</param>
    /// <param name="stored">The cluster's backups.</param>
    /// <param name="look">Returns the last look at the cluster when the backup is committed.</param>
    /// <param name="progress">Gets the progress.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The backup; null if the cluster or the store changed meanwhile, and the cluster has to be checked again.</returns>
    /// <exception cref="EtcdUnavailableException">No member gave a snapshot.</exception>
    /// <exception cref="SnapshotCorruptException">Every snapshot that arrived was damaged.</exception>
    /// <exception cref="Stores.StoreException">The store failed.</exception>
    public async Task<BackupEntry?> TakeAsync(
        IEtcdCluster cluster, ClusterSpec spec, ClusterCheck check, StoredBackups stored, Func<ClusterLook?> look, RunProgress progress,
            CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        var differing = check.Differing;
        var catalog = await catalogs.ForAsync(spec, cancellationToken);
        foreach (var member in MemberChoice.Givers(check.Members, spec.Backup.PreferLearner))
        {
            try
            {
                progress.Stage = RunStage.Streaming;
                await ExpectQuorumAsync(cluster, member, check, cancellationToken);
                await using var arrived = await transfer.BringAsync(
                    cluster, new TransferRequest(spec, member, check, catalog), progress, cancellationToken);
                progress.Stage = RunStage.Committing;
                if (arrived.History.IsDoubtful)
                {
                    return null;
                }

                differing = arrived.History.Differs ?? differing;
                var report = await ProvenAsync(spec, member, check, arrived, stored, cancellationToken);
                var told = arrived with { Proof = Told(spec.Key, arrived.Proof, differing) };
                return await stored.CommitAsync(
                    arrived.Pending, spec, view => Place(view, look(), check, member, told, report, progress), cancellationToken);
            }
            catch (Exception e) when (e is EtcdUnavailableException or SnapshotCorruptException)
            {
                LogMemberFailed(spec.Key, member.Endpoint, e.Message);
                failures.Add(e);
            }
        }

        throw failures.Count switch
        {
            0 => new EtcdUnavailableException($"no member of {spec.Key} can give a snapshot: {MemberChoice.Explain(check.Members)}"),
            1 => failures[0],
            _ => failures.Find(f => f is SnapshotCorruptException)
                ?? new EtcdUnavailableException(string.Join("; ", failures.Select(f => f.Message)), failures[^1]),
        };
    }

    // A member that was cut off while the others were restored may have reached the same revision: only a read with a quorum tells.
    private static async Task ExpectQuorumAsync(
        IEtcdCluster cluster, MemberStatus member, ClusterCheck check, CancellationToken cancellationToken)
    {
        if (check.HasQuorum && !member.IsLearner &&
            await cluster.ReadAsync(member.Endpoint, lastPut: null, isLocal: false, cancellationToken) is null)
        {
            throw new EtcdUnavailableException(
                $"{member.Address} cannot read with a quorum, and another member could: it is cut off, or just lost its leader");
        }
    }

    private LiveProof? Told(ClusterKey cluster, LiveProof? proof, string? differing)
    {
        var told = LiveComparison.With(proof, differing);
        if (told is { MembersDiffer: true })
        {
            LogMembersDiffer(cluster, told.Detail);
        }

        return told;
    }

    // A snapshot that is not sound is quarantined, to be examined, and is no backup.
    private async Task<SnapshotReport> ProvenAsync(
        ClusterSpec spec, MemberStatus member, ClusterCheck check, ArrivedSnapshot arrived, StoredBackups stored,
            CancellationToken cancellationToken)
    {
        // A learner reads nothing with a quorum: a voter has to say that what it holds is the cluster's.
        if (member.IsLearner && check.HasQuorum && arrived is { Corruption: null, Proof.Result: not ProofResult.Matched })
        {
            throw new EtcdUnavailableException(
                $"{member.Address} is a learner, and no voter confirms its snapshot: {arrived.Proof.Detail}");
        }

        if (arrived.Corruption is { } corruption)
        {
            var name = new QuarantineName(member.Version.ToString(), member.Revision, member.MemberId);
            var where = await stored.QuarantineAsync(arrived.Pending, name, corruption.Message, cancellationToken);
            LogCorrupt(spec.Key, member.Endpoint, where, corruption);
            throw new SnapshotCorruptException(
                $"the snapshot of {member.Address} arrived whole and is not sound: {corruption.Message}. It is quarantined " +
                $"as {where}", corruption);
        }

        if (arrived.History.Differs is { } differs)
        {
            throw new EtcdUnavailableException($"{differs}: its data is damaged, or the cluster was restored just now");
        }

        // Keys may have been written since the check; but what was there then must be in the file.
        var least = check.Look.Position.Revision;
        return arrived.Report!.Revision >= least
            ? arrived.Report
            : throw new EtcdUnavailableException(
                $"{member.Address} gave a snapshot of revision {arrived.Report.Revision}, and the cluster is at {least}: " +
                "it lags behind, or was restored just now");
    }

    private BackupMetadata? Place(
        StoredView view, ClusterLook? look, ClusterCheck check, MemberStatus member, ArrivedSnapshot arrived, SnapshotReport report,
            RunProgress progress)
    {
        var position = check.Look.Position with
        {
            Revision = report.Revision,
            RaftIndex = Math.Max(check.Look.Position.RaftIndex, report.ConsistentIndex ?? 0),
        };
        // Another silo may have backed the cluster up meanwhile.
        var known = ClusterHistory.Of(look, view.Entries);
        if (known.Lineage is { } lineage &&
            (lineage.Incarnation > check.Look.Lineage.Incarnation || known.Compare(position) is Progress.WentBack or Progress.OtherLineage))
        {
            return null;
        }

        return new BackupMetadata
        {
            Name = new BackupName(member.Version, report.Revision, check.Look.Lineage.Tag, arrived.Pending.Encoding),
            Revision = report.Revision,
            Version = member.Version,
            StorageVersion = BackupMetadata.StorageVersionOf(member.Version, report),
            CreationTime = AfterOthers(view, check.Look.Lineage, report.Revision, arrived.Began),
            DurationSeconds = Math.Round((time.GetUtcNow() - progress.StartedAt).TotalSeconds, 3),
            Size = arrived.Size,
            Sha256 = arrived.Sha256,
            Position = position,
            Lineage = check.Look.Lineage,
            Member = member.Address,
            KeyId = arrived.Pending.KeyId,
            Snapshot = report,
            LastPut = arrived.History.LastPut,
            Proof = arrived.Proof,
        };
    }

    // Of two backups of one revision the later one counts, though the clock that it was taken by may be behind the other's.
    private static DateTimeOffset AfterOthers(StoredView view, Lineage lineage, long revision, DateTimeOffset began)
    {
        var last = view.Entries.Where(e => e.Incarnation == lineage.Incarnation && e.Revision == revision)
            .Select(e => e.CreationTime).DefaultIfEmpty().Max();
        return began > last ? began : last.AddMilliseconds(1);
    }

    [LoggerMessage(Level = LogLevel.Critical, Message =
        "THE DATA OF {Cluster} MAY BE DAMAGED on member {Endpoint}: its snapshot is not sound. It is quarantined as {Where}. Compare " +
        "the members with 'etcdctl endpoint hashkv'")]
    private partial void LogCorrupt(ClusterKey cluster, Uri endpoint, string where, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message =
        "THE MEMBERS OF {Cluster} HOLD DIFFERENT DATA. {Detail}. Replace the member that differs")]
    private partial void LogMembersDiffer(ClusterKey cluster, string detail);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Member {Endpoint} of {Cluster} gave no sound snapshot: {Why}. Trying another, if there is one")]
    private partial void LogMemberFailed(ClusterKey cluster, Uri endpoint, string why);
}
