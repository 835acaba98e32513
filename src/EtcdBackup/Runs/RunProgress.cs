namespace EtcdBackup.Runs;

/// <summary>The progress of a running backup; written by the run, read for the status.</summary>
/// <param name="time">The clock.</param>
/// <param name="cluster">The cluster, for traces.</param>
internal sealed class RunProgress(TimeProvider time, string cluster = "")
{
    private readonly RunTrace _trace = new(time, cluster, RunStage.Listing);
    private long _bytes;
    private long _expected;
    private long _moved = time.GetTimestamp();
    private string _stage = RunStage.Listing;

    /// <summary>When the run began, UTC.</summary>
    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    /// <summary>How long neither the stage nor the bytes have changed.</summary>
    public TimeSpan Still => time.GetElapsedTime(Interlocked.Read(ref _moved));

    /// <summary>The present stage, one of <see cref="RunStage"/>.</summary>
    public string Stage
    {
        get => Volatile.Read(ref _stage);
        set
        {
            Volatile.Write(ref _stage, value);
            _trace.Enter(value);
            Interlocked.Exchange(ref _moved, time.GetTimestamp());
        }
    }

    /// <summary>Whether the run will ask the members from now on: what it brings then has what was written before now.</summary>
    public bool IsBeforeLook => Stage is RunStage.Listing or RunStage.Waiting;

    /// <summary>
    /// How often a member did not hold what it had just given: it was restored, or, again and again, it is behind a proxy that does not
    /// show the keys as they are.
    /// </summary>
    public int PutsDenied { get; set; }

    /// <summary>Bytes of the snapshot so far.</summary>
    public long Bytes
    {
        get => Interlocked.Read(ref _bytes);
        set
        {
            Interlocked.Exchange(ref _bytes, value);
            Interlocked.Exchange(ref _moved, time.GetTimestamp());
        }
    }

    /// <summary>The size of the member's database, bytes; 0 until it is known.</summary>
    public long ExpectedBytes
    {
        get => Interlocked.Read(ref _expected);
        set => Interlocked.Exchange(ref _expected, value);
    }

    /// <summary>The run is over: how long each of its stages took is told.</summary>
    /// <param name="result">How it ended.</param>
    /// <param name="problem">What went wrong; null when nothing did.</param>
    public void End(string result, string? problem) => _trace.End(result, problem);
}
