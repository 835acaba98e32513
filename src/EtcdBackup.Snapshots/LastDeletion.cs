namespace EtcdBackup.Snapshots;

/// <summary>The deletion of a key, where it is the last change in a snapshot: no put shows that it happened.</summary>
/// <param name="Key">The key that was deleted.</param>
/// <param name="Revision">The revision of the deletion.</param>
public sealed record LastDeletion(byte[] Key, long Revision)
{
    /// <summary>Whether the key, as it is now, belongs to the history of this deletion.</summary>
    /// <param name="now">The key in the cluster, which is not behind the deletion; null if it does not exist.</param>
    /// <returns>Null if this cannot be decided: it may have been deleted here too.</returns>
    public bool? IsIn(LastPut? now) => now is not null && now.CreateRevision <= Revision ? false : null;
}
