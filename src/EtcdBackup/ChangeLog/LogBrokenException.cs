namespace EtcdBackup.ChangeLog;

/// <summary>A stream of the change log cannot go on: a new one begins at the next backup. The message says why.</summary>
/// <param name="message">Why.</param>
/// <param name="inner">What showed it.</param>
internal sealed class LogBrokenException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the cluster was restored at an unknown moment since the watch was connected.</summary>
    public bool IsOtherHistory { get; init; }

    /// <summary>Where the stream ends, to be written to the store; null if that is written otherwise.</summary>
    public AnchorName? End { get; init; }
}
