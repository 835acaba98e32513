namespace EtcdBackup.Snapshots.Files;

/// <summary>A file that is being made cannot be written: the disk is full, or its directory is not ours.</summary>
internal sealed class SnapshotTargetException(string message, Exception inner) : Exception(message, inner);
