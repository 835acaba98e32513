namespace EtcdBackup.Snapshots.Log;

/// <summary>A change log is torn, has a hole, or is of another history; the message says in which segment and where.</summary>
internal sealed class ChangeLogException(string message, Exception? inner = null) : Exception(message, inner);
