namespace EtcdBackup.ChangeLog;

/// <summary>A stream of the change log cannot go on: a new one begins at the next backup. The message says why.</summary>
internal sealed class LogBrokenException(string message, Exception? inner = null) : Exception(message, inner);
