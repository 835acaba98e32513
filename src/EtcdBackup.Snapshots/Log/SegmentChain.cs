namespace EtcdBackup.Snapshots.Log;

/// <summary>Segments one after the other: whether each follows from those before it, and what they are together.</summary>
internal sealed class SegmentChain
{
    private SegmentHeader? _last;

    /// <summary>What one segment would say that has all of those that ended; null if there is none.</summary>
    public SegmentHeader? Whole { get; private set; }

    /// <summary>The next segment begins.</summary>
    /// <exception cref="ChangeLogException">It does not follow.</exception>
    public void Begin(SegmentHeader next)
    {
        if (Whole is null || _last is null)
        {
            return;
        }

        if (next.FirstRevision != _last.LastRevision + 1)
        {
            throw Wrong(next, next.FirstRevision <= _last.LastRevision ? $"it does not come after {_last}"
                : $"it follows {_last}: the revisions between them are missing");
        }

        if (next.ClusterId != _last.ClusterId || next.Incarnation != _last.Incarnation)
        {
            throw Wrong(next, $"it is of another history than {_last}");
        }

        if (!next.Before.Span.SequenceEqual(Whole.StandsFor.Span))
        {
            throw Wrong(next, $"its hash of the segment before is not that of {_last}");
        }
    }

    /// <summary>The segment that began last ends.</summary>
    /// <param name="header">What it says of itself.</param>
    /// <param name="sha256">Its SHA-256.</param>
    public void End(SegmentHeader header, byte[] sha256)
    {
        _last = header;
        Whole = (Whole ?? header with { Events = 0 }) with
        {
            LastRevision = header.LastRevision,
            FirstTimeMs = Math.Min(header.FirstTimeMs, (Whole ?? header).FirstTimeMs),
            LastTimeMs = Math.Max(header.LastTimeMs, (Whole ?? header).LastTimeMs),
            Events = (Whole?.Events ?? 0) + header.Events,
            StandsFor = header.StandsFor.IsEmpty ? sha256 : header.StandsFor,
        };
    }

    private static ChangeLogException Wrong(SegmentHeader segment, string what) => new($"{segment}: {what}");
}
