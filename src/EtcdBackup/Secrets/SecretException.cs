namespace EtcdBackup.Secrets;

/// <summary>A secret cannot be read, or lacks something; the message names it, and says what to do.</summary>
public sealed class SecretException(string message, Exception? inner = null) : Exception(message, inner);
