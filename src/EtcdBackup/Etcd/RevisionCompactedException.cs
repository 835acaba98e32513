namespace EtcdBackup.Etcd;

/// <summary>The cluster has forgotten the changes from a revision on: it was compacted.</summary>
internal sealed class RevisionCompactedException(string message) : Exception(message);
