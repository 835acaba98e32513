namespace EtcdBackup.ChangeLog;

/// <summary>A backup that was made is not what the live cluster has at its revision.</summary>
internal sealed class MadeDiffersException(string message) : Exception(message);
