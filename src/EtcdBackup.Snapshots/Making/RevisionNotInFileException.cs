namespace EtcdBackup.Snapshots.Making;

/// <summary>The file does not have the cluster as it was at that revision; the message says which revisions it has.</summary>
internal sealed class RevisionNotInFileException(string message) : Exception(message);
