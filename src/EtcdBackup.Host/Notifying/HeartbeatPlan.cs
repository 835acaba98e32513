using EtcdBackup.Host.Notifying.Sending;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Notifying;

/// <summary>Decides when a heartbeat is due, and whether all is well that it stands for.</summary>
internal sealed class HeartbeatPlan : IDisposable
{
    // Meanwhile it is not known yet whether all is well.
    private static readonly TimeSpan Beginning = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan OldList = TimeSpan.FromMinutes(5);

    private readonly LookPlan _plan;
    private readonly ProblemBook _book;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _startedAt;
    private readonly IReadOnlyList<Beat> _beats;

    /// <summary>Makes it.</summary>
    public HeartbeatPlan(NotifyingOptions options, LookPlan plan, ProblemBook book, TimeProvider time, ILogger logger)
    {
        (_plan, _book, _time, _startedAt) = (plan, book, time, time.GetUtcNow());
        _beats = [.. options.Heartbeats.Select(h => new Beat(h, new HeartbeatSender(h, options.Limits, logger)))];
    }

    /// <summary>When the list of clusters was last read.</summary>
    public DateTimeOffset? ListedAt { get; set; }

    /// <summary>Sends those that are due.</summary>
    public void Send(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        foreach (var beat in _beats.Where(b => now >= b.DueAt))
        {
            var problem = ProblemOf(beat.Options, now, out var isEarly);
            if (isEarly)
            {
                continue;
            }

            beat.DueAt = now + beat.Options.Every;
            beat.Sender.Send(problem, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var beat in _beats)
        {
            beat.Sender.Dispose();
        }
    }

    // What is not known is not well: a dead man's switch that is pressed in doubt is worth nothing.
    private string? ProblemOf(HeartbeatOptions options, DateTimeOffset now, out bool isEarly)
    {
        isEarly = false;
        if (ListedAt is not { } listedAt || now - listedAt > OldList)
        {
            isEarly = now - _startedAt < Beginning;
            return "the list of clusters cannot be read";
        }

        var clusters = _plan.Clusters.Where(c => _plan.IsListed(c) && options.Clusters.Any(p => p.Fits(c))).ToArray();
        if (clusters.Length == 0)
        {
            isEarly = now - _startedAt < Beginning;
            return "no cluster is registered that it stands for";
        }

        foreach (var cluster in clusters)
        {
            // One that was registered a moment ago is asked with the next tick.
            if (_plan.UnknownSince(cluster) is { } since)
            {
                isEarly = now - since < Beginning;
                return $"{cluster} does not answer, or its store does not";
            }
        }

        var bad = clusters.SelectMany(_book.Of).Where(p => p.Kind is EventKind.Stale or EventKind.Damaged).ToArray();
        return bad.Length == 0 ? null : bad[0].Message + (bad.Length == 1 ? "" : $" (and {bad.Length - 1} other problems)");
    }

    private sealed class Beat(HeartbeatOptions options, HeartbeatSender sender)
    {
        public HeartbeatOptions Options { get; } = options;

        public HeartbeatSender Sender { get; } = sender;

        public DateTimeOffset DueAt { get; set; }
    }
}
