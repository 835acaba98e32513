using EtcdBackup.Clusters;
using EtcdBackup.Snapshots;

namespace EtcdBackup.Catalog;

/// <summary>How a snapshot compared with the live member that gave it.</summary>
/// <param name="Level">What was compared.</param>
/// <param name="Result">How it came out.</param>
/// <param name="Detail">In one sentence.</param>
/// <param name="MembersDiffer">Whether some member holds other data than the file.</param>
public sealed record LiveProof(ProofLevel Level, ProofResult Result, string Detail, bool MembersDiffer = false);

/// <summary>How a comparison came out.</summary>
public enum ProofResult
{
    /// <summary>Equal.</summary>
    Matched,

    /// <summary>The member could not be asked any more: compacted meanwhile, or gone. Says nothing against the file.</summary>
    NotComparable,

    /// <summary>Not equal: the member's data, or the file, is wrong.</summary>
    Mismatch,
}

/// <summary>One reading of a stored backup.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Sound">Whether all is as it should be.</param>
/// <param name="Problem">What is wrong; null when nothing is.</param>
public sealed record Verification(DateTimeOffset At, bool Sound, string? Problem);

/// <summary>A stored backup, read whole: the answer to "verify".</summary>
/// <param name="Backup">Which.</param>
/// <param name="Verification">How it came out.</param>
/// <param name="Snapshot">All that the file tells; null when it cannot be read.</param>
public sealed record VerificationReport(BackupName Backup, Verification Verification, SnapshotReport? Snapshot);
