namespace EtcdBackup.ChangeLog;

/// <summary>How far the change log of a cluster is.</summary>
/// <param name="Stream">The stream that is being written; null before there is one.</param>
/// <param name="Received">The last revision that came.</param>
/// <param name="Stored">The last revision that is in the store.</param>
/// <param name="Cluster">The revision that the cluster had when it last said so.</param>
/// <param name="CurrentAt">When the cluster had nothing beyond <paramref name="Received"/>, UTC; null before it said so.</param>
/// <param name="Problem">Why it does not go on; null if it does.</param>
public sealed record LogState(
    string? Stream, long Received, long Stored, long Cluster, DateTimeOffset? CurrentAt, string? Problem)
{
    /// <summary>The newest revisions without a hole, as the store had them when it was last looked at; null before.</summary>
    public RecoveryWindow? Window { get; init; }

    /// <summary>How many segments wait on the silo's disk for the store.</summary>
    public int Waiting { get; init; }
}
