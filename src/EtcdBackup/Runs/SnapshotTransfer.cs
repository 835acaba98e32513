using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Etcd;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Runs;

/// <summary>The snapshot to receive.</summary>
/// <param name="Spec">The cluster.</param>
/// <param name="Member">The member that gives it, with its answer to the check.</param>
/// <param name="Check">What the check found.</param>
/// <param name="Catalog">Where it goes.</param>
internal sealed record TransferRequest(ClusterSpec Spec, MemberStatus Member, ClusterCheck Check, BackupCatalog Catalog);

/// <summary>A snapshot that arrived whole, as its SHA-256 proves, and was inspected. It is not committed yet.</summary>
/// <param name="Pending">Its bytes.</param>
/// <param name="Size">Bytes of the snapshot.</param>
/// <param name="Sha256">Its SHA-256, hex.</param>
/// <param name="Began">When the snapshot began, UTC.</param>
internal sealed record ArrivedSnapshot(PendingBackup Pending, long Size, string Sha256, DateTimeOffset Began) : IAsyncDisposable
{
    /// <summary>What is in the file; null if it is not sound.</summary>
    public SnapshotReport? Report { get; init; }

    /// <summary>Whether it is of the history that the check found.</summary>
    public GiverHistory History { get; init; } = GiverHistory.Unknown;

    /// <summary>How it compared with the live members; null when it was not compared.</summary>
    public LiveProof? Proof { get; init; }

    /// <summary>Why it is not sound; null when it is.</summary>
    public SnapshotCorruptException? Corruption { get; init; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Pending.DisposeAsync();
}

/// <inheritdoc cref="ISnapshotTransfer"/>
/// <param name="timeouts">How long members may take.</param>
/// <param name="time">The clock.</param>
internal sealed class SnapshotTransfer(EtcdTimeouts timeouts, TimeProvider time) : ISnapshotTransfer
{
    /// <inheritdoc/>
    public Task<ArrivedSnapshot> BringAsync(
        IEtcdCluster cluster, TransferRequest request, RunProgress progress, CancellationToken cancellationToken) =>
        // Off the caller's scheduler: hashing, disk writes and reading the file must not delay the grain's turns.
        Task.Run(() => BringAsync((EtcdCluster)cluster, request, progress, cancellationToken), cancellationToken);

    private async Task<ArrivedSnapshot> BringAsync(
        EtcdCluster cluster, TransferRequest request, RunProgress progress, CancellationToken cancellationToken)
    {
        var member = cluster.Member(request.Member.Endpoint);
        var before = await member.ProbeAsync(timeouts.Probe, cancellationToken);
        if (!before.Answered || before.IsCorrupt)
        {
            throw new EtcdUnavailableException(MemberChoice.Explain([before]));
        }

        var began = time.GetUtcNow();
        var arrived = await new SnapshotDownload(request.Catalog, timeouts, progress)
            .RunAsync(member, before, request.Check.Look.Lineage.Tag, began, cancellationToken);
        try
        {
            progress.Stage = RunStage.Proving;
            arrived = await InspectAsync(cluster, request, arrived, before, cancellationToken);
            return arrived with
            {
                History = await GiverHistory.OfAsync(
                    cluster, request.Check, request.Member, before, arrived.Proof, arrived.Report?.LastPut, progress, cancellationToken),
            };
        }
        catch
        {
            await arrived.DisposeAsync();
            throw;
        }
    }

    private async Task<ArrivedSnapshot> InspectAsync(
        EtcdCluster cluster, TransferRequest request, ArrivedSnapshot arrived, MemberStatus before, CancellationToken cancellationToken)
    {
        try
        {
            var path = arrived.Pending.LocalPath;
            var report = SnapshotInspector.Inspect(path, cancellationToken);
            var others = MemberChoice.Order(request.Check.Members);
            var level = before.IsLearner || request.Check.MembersDiffer ? ProofLevel.HashKV : request.Spec.Backup.Proof;
            (var proof, report) = await LiveComparison.CompareAsync(
                cluster, before, others, path, report, level, timeouts, cancellationToken);
            return arrived with
            {
                Report = report,
                Proof = proof,
                Corruption = proof is { Result: ProofResult.Mismatch } ? new SnapshotCorruptException(proof.Detail) : null,
            };
        }
        catch (SnapshotCorruptException e)
        {
            return arrived with { Corruption = e };
        }
    }
}
