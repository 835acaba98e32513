using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Cutting;

namespace EtcdBackup.Cli.Inspecting;

/// <summary>What was found in a local file.</summary>
/// <param name="File">Its path, as it was named.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Sha256">The SHA-256 at its end; null if it has none.</param>
/// <param name="Sha256IsRight">Whether that is the digest of all before it; null if that was not compared.</param>
/// <param name="StatusHash">The hash that <c>etcdutl snapshot status</c> prints.</param>
/// <param name="Snapshot">What is in it.</param>
internal sealed record FileReport(
    string File, long Size, string? Sha256, bool? Sha256IsRight, uint StatusHash, SnapshotReport Snapshot);

/// <summary>Whether a local file is sound; fields as in the service's answer about a stored backup.</summary>
/// <param name="File">Its path, as it was named.</param>
/// <param name="Verification">The verdict.</param>
/// <param name="Snapshot">What is in it; null if that cannot be read.</param>
internal sealed record FileVerification(string File, Verdict Verification, SnapshotReport? Snapshot);

/// <summary>A verdict.</summary>
/// <param name="Sound">Whether it is sound.</param>
/// <param name="Problem">Why not.</param>
internal sealed record Verdict(bool Sound, string? Problem);

/// <summary>What was cut from a local file.</summary>
/// <param name="File">Its path, as it was named.</param>
/// <param name="Out">The new file.</param>
/// <param name="Cut">What is in it, and what is not.</param>
internal sealed record FileCut(string File, string Out, CutReport Cut);
