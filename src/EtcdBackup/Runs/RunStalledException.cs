namespace EtcdBackup.Runs;

/// <summary>A run made no progress for longer than any call may take, and was ended.</summary>
internal sealed class RunStalledException(string message) : Exception(message);
