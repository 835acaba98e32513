using EtcdBackup.Clusters;

namespace EtcdBackup.ChangeLog;

/// <summary>A backup that was made for a revision, opened.</summary>
/// <param name="Version">The version of etcd that it is of.</param>
/// <param name="Revision">The revision.</param>
/// <param name="Sha256">SHA-256 of it without its last 32 bytes (which repeat it), hex.</param>
/// <param name="At">When the cluster was at the revision, at the latest, UTC.</param>
/// <param name="Body">Its bytes; the stream can seek.</param>
public sealed record MadeBackup(EtcdVersion Version, long Revision, string Sha256, DateTimeOffset At, Stream Body);
