using EtcdBackup.Snapshots;

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
