using System.Numerics;
using EtcdBackup.Clusters;
using EtcdBackup.Host.Notifying.Formats;
using EtcdBackup.Host.Notifying.Sending;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Notifying;

/// <summary>
/// Asks the clusters how they are, and gives what is to be told to the workers of the targets. Its turns never overlap, and none waits for
/// a receiver, nor for a cluster that does not answer.
/// </summary>
internal sealed partial class Notifier : IDisposable
{
    private readonly NotifierState _state;
    private readonly NotifyingOptions _options;
    private readonly IClusterSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ProblemBook _book;
    private readonly LookPlan _plan;
    private readonly HeartbeatPlan _heartbeats;
    private readonly Dictionary<ClusterKey, WatchedCluster> _known = [];
    private readonly IReadOnlyList<(WebhookOptions Options, TargetQueue Queue, TargetWorker Worker)> _targets;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Notification> _fresh = [];
    private volatile IReadOnlyList<OpenAlert> _open = [];
    private IReadOnlyList<Task> _working = [];
    private int _lost;
    private bool _isChanged;

    /// <summary>Makes it.</summary>
    /// <param name="state">What was saved; changed in place.</param>
    /// <param name="options">Who is told of what.</param>
    /// <param name="source">The clusters.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public Notifier(NotifierState state, NotifyingOptions options, IClusterSource source, TimeProvider time, ILogger logger)
    {
        (_state, _options, _source, _time, _logger) = (state, options, source, time, logger);
        _book = new ProblemBook(state.Open, options.Rules);
        _plan = new LookPlan(options.LookEvery);
        _heartbeats = new HeartbeatPlan(options, _plan, _book, time, logger);
        _targets = [.. options.Webhooks.Select(w =>
        {
            var queue = new TargetQueue(options.Limits.Waiting);
            NotificationMeter.Follow(queue, w.Format);
            queue.Restore(state.Unsent.GetValueOrDefault(w.Id) ?? [], state.Dropped.GetValueOrDefault(w.Id));
            return (w, queue, new TargetWorker(w, options, queue, () => _open, time, logger));
        })];
        foreach (var cluster in _book.Clusters)
        {
            // If it is gone from the list, its problems have to end.
            _plan.Note(cluster, time.GetUtcNow());
        }

        ShowOpen();
    }

    /// <summary>How many notifications are new, and were given to no target yet.</summary>
    public int Fresh => _fresh.Count;

    /// <summary>Whether there is something to save.</summary>
    public bool IsUnsaved => _isChanged || _targets.Any(t => t.Queue.Version != t.Worker.SavedVersion);

    /// <summary>Begins to tell the targets.</summary>
    public void Start() => _working = [.. _targets.Select(t => Task.Run(() => t.Worker.RunAsync(_stop.Token)))];

    /// <summary>Something happened to a cluster.</summary>
    public void Note(ClusterKey cluster) => _plan.Note(cluster, _time.GetUtcNow());

    /// <summary>Asks those who are due, and sends heartbeats. It waits for nobody.</summary>
    public void Tick()
    {
        var now = _time.GetUtcNow();
        if (now >= _listAt && _listing.IsCompleted)
        {
            _listing = ListAsync();
        }

        AskDue(now);
        _heartbeats.Send(_stop.Token);
    }

    /// <summary>Puts all that has to survive into the state.</summary>
    public void WriteTo(NotifierState state)
    {
        foreach (var (options, queue, worker) in _targets)
        {
            worker.SavedVersion = queue.Version;
            var (waiting, dropped) = queue.Snapshot();
            state.Unsent[options.Id] = [.. waiting, .. _fresh.Where(options.Wants)];
            state.Dropped[options.Id] = dropped;
        }

        // Of targets that are configured no more.
        foreach (var gone in state.Unsent.Keys.Except(_options.Webhooks.Select(w => w.Id)).ToArray())
        {
            state.Unsent.Remove(gone);
            state.Dropped.Remove(gone);
        }

        _isChanged = false;
    }

    /// <summary>It could not be saved.</summary>
    public void NotSaved() => _isChanged = true;

    /// <summary>Gives the first of the new notifications to the targets.</summary>
    public void Tell(int count)
    {
        if (count > 0)
        {
            // Before the ends among them are told: an alert that is repeated after its end would fire again.
            ShowOpen();
        }

        foreach (var notification in _fresh.Take(count))
        {
            foreach (var (options, queue, _) in _targets.Where(t => t.Options.Wants(notification)))
            {
                if (queue.Add(notification) is { } lost)
                {
                    NotificationMeter.CountLost(options.Format, NotificationLoss.Displaced);
                    if (BitOperations.IsPow2(++_lost))
                    {
                        LogLost(options.Setting, lost.Id, _lost);
                    }
                }
            }
        }

        _fresh.RemoveRange(0, count);
    }

    /// <summary>Stops asking and telling.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_working);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _heartbeats.Dispose();
        foreach (var (_, queue, worker) in _targets)
        {
            NotificationMeter.Leave(queue);
            worker.Dispose();
            queue.Dispose();
        }

        _stop.Dispose();
    }

    private void Judge(WatchedCluster facts)
    {
        _known[facts.Cluster] = facts with { Stored = null };
        Take(_book.Take(facts, _time.GetUtcNow()));
    }

    private void Take(IReadOnlyList<Notification> told)
    {
        if (told.Count > 0)
        {
            _fresh.AddRange(told);
            _isChanged = true;
        }
    }

    private void ShowOpen() => _open = [.. _book.Clusters.SelectMany(c => _book.Of(c).Select(p => new OpenAlert(c, p)))];

    [LoggerMessage(Level = LogLevel.Error, Message = "{Setting} takes so little that {Id} was lost, one of {Lost} so far")]
    private partial void LogLost(string setting, string id, int lost);
}
