using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EtcdBackup.Runs;

/// <summary>How long each stage of a run takes: as a metric by stage and result, and as a trace with a span for each.</summary>
internal sealed class RunTrace
{
    private static readonly ActivitySource Source = new("etcdbackup");
    private static readonly Meter Meter = new("etcdbackup");

    private static readonly Histogram<double> Durations = Meter.CreateHistogram(
        "etcdbackup.run.stage.duration", "s", "How long a stage of a run took, by its result.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800] });

    private readonly Lock _lock = new();
    private readonly Dictionary<string, TimeSpan> _took = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly Activity? _run;
    private Activity? _span;
    private string _stage;
    private long _since;
    private bool _isOver;

    /// <summary>Begins with the first stage.</summary>
    public RunTrace(TimeProvider time, string cluster, string stage)
    {
        (_time, _stage, _since) = (time, stage, time.GetTimestamp());
        _run = Begin("backup run", default);
        _run?.SetTag("etcdbackup.cluster", cluster);
        _span = Begin(stage, _run?.Context ?? default);
    }

    /// <summary>The run enters another stage, from whatever thread.</summary>
    public void Enter(string stage)
    {
        lock (_lock)
        {
            if (_isOver || stage == _stage)
            {
                return;
            }

            Leave();
            _stage = stage;
            _span = Begin(stage, _run?.Context ?? default);
        }
    }

    /// <summary>The run is over; whatever still goes on in it does not count.</summary>
    public void End(string result, string? problem)
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return;
            }

            _isOver = true;
            Leave();
            _run?.SetTag("etcdbackup.result", result);
            _run?.SetStatus(problem is null ? ActivityStatusCode.Unset : ActivityStatusCode.Error, problem);
            _run?.Stop();
            foreach (var (stage, took) in _took)
            {
                Durations.Record(took.TotalSeconds, new("stage", stage), new("result", result));
            }
        }
    }

    // Spans overlap turns of a grain: none may become the parent of what runs there otherwise.
    private static Activity? Begin(string name, ActivityContext parent)
    {
        var current = Activity.Current;
        try
        {
            Activity.Current = null;
            return Source.StartActivity(name, ActivityKind.Internal, parent);
        }
        finally
        {
            Activity.Current = current;
        }
    }

    private void Leave()
    {
        var now = _time.GetTimestamp();
        _took[_stage] = _took.GetValueOrDefault(_stage) + _time.GetElapsedTime(_since, now);
        _since = now;
        _span?.Stop();
    }
}
