using EtcdBackup.Snapshots;

namespace EtcdBackup.Cli.Inspecting;

/// <summary>Whether a local file is sound; fields as in the service's answer about a stored backup.</summary>
/// <param name="File">Its path, as it was named.</param>
/// <param name="Verification">The verdict.</param>
/// <param name="Snapshot">What is in it; null if that cannot be read.</param>
internal sealed record FileVerification(string File, Verdict Verification, SnapshotReport? Snapshot);
