namespace EtcdBackup.Grains;

/// <summary>A backup that is running.</summary>
/// <param name="StartedAt">When it began, UTC.</param>
/// <param name="Stage">The stage: listing, probing, verifying, waiting, streaming, proving, committing or pruning.</param>
/// <param name="Bytes">Bytes of the snapshot so far.</param>
/// <param name="ExpectedBytes">Bytes of the member's database; 0 until known.</param>
public sealed record RunningBackup(DateTimeOffset StartedAt, string Stage, long Bytes, long ExpectedBytes);
