namespace EtcdBackup.Etcd;

/// <summary>No member of the cluster could do what was asked; the message says for each member why.</summary>
internal sealed class EtcdUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
