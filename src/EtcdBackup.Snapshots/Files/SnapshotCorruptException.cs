namespace EtcdBackup.Snapshots.Files;

/// <summary>The bytes are no sound snapshot; the message says where and why.</summary>
internal sealed class SnapshotCorruptException(string message, Exception? inner = null) : Exception(message, inner);
