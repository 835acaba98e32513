namespace EtcdBackup.ChangeLog;

/// <summary>What a keeper did since it began; for the metrics.</summary>
internal sealed class LogCounts
{
    private long _storedBytes;
    private long _events;

    /// <summary>Bytes of the segments that were stored, as the store has them; without those of merges.</summary>
    public long StoredBytes => Interlocked.Read(ref _storedBytes);

    /// <summary>The events in them.</summary>
    public long Events => Interlocked.Read(ref _events);

    /// <summary>How often a stream could not go on.</summary>
    public int Breaks { get; set; }

    /// <summary>Proofs after which the log was right.</summary>
    public int Proven { get; set; }

    /// <summary>Proofs after which it was not.</summary>
    public int Differing { get; set; }

    /// <summary>Counts a segment that was stored.</summary>
    public void AddSegment(long storedBytes, long events)
    {
        Interlocked.Add(ref _storedBytes, storedBytes);
        Interlocked.Add(ref _events, events);
    }
}
