namespace EtcdBackup.Clusters;

/// <summary>How long what failed waits until it is tried again: the time doubles with each failure in a row.</summary>
/// <param name="First">After the first failure.</param>
/// <param name="Longest">It never waits longer.</param>
public sealed record Backoff(TimeSpan First, TimeSpan Longest)
{
    /// <summary>The time after so many failures in a row; 1 is the first.</summary>
    public TimeSpan After(int failures) =>
        TimeSpan.FromSeconds(Math.Min(First.TotalSeconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 20)), Longest.TotalSeconds));
}
