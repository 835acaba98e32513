using System.Numerics;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Notifying;

/// <content>Asks the clusters.</content>
internal sealed partial class Notifier
{
    private const int AskedAtOnce = 64;
    private const int AskedInARound = 1000;
    private const string TheList = "the list of clusters";

    private readonly HashSet<string> _silent = [];
    private readonly Queue<(ClusterKey Cluster, bool WithStatus)> _due = [];
    private Task _listing = Task.CompletedTask;
    private DateTimeOffset _listAt;
    private int _asking;

    private async Task ListAsync()
    {
        try
        {
            var clusters = await _source.ListAsync();
            var now = _time.GetUtcNow();
            _listAt = now + TimeSpan.FromSeconds(Math.Min(30, _options.LookEvery.TotalSeconds));
            _heartbeats.ListedAt = now;
            _silent.Remove(TheList);
            foreach (var gone in _plan.Set(clusters, now))
            {
                _silent.Remove(gone.ToString());
                _known.Remove(gone);
                _isChanged |= _state.FirstDue.Remove(gone.ToString());
                Take(_book.Forget(gone, now));
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // As below.
        }
        catch (Exception e)
        {
            // The directory is moving: it is asked again with the next tick.
            TellSilent(TheList, e);
        }
    }

    private void AskDue(DateTimeOffset now)
    {
        foreach (var due in _plan.Take(AskedInARound - _due.Count, now))
        {
            _due.Enqueue(due);
        }

        while (!_stop.IsCancellationRequested && _asking < AskedAtOnce && _due.Count > 0)
        {
            _ = AskAllAsync();
        }
    }

    // One of those that work at once: who does not answer holds up no more than one of them.
    private async Task AskAllAsync()
    {
        _asking++;
        try
        {
            while (!_stop.IsCancellationRequested && _due.TryDequeue(out var due))
            {
                await AskAsync(due.Cluster, due.WithStatus);
            }
        }
        finally
        {
            _asking--;
        }
    }

    private async Task AskAsync(ClusterKey cluster, bool withStatus)
    {
        try
        {
            var (summary, status) = await _source.AskAsync(cluster, withStatus);
            _plan.Done(cluster, status is not null);
            Judge(WatchedCluster.Of(summary, status, FirstDueOf(summary)));
            _silent.Remove(cluster.ToString());
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The silo stops under the question: whoever is next asks anew.
        }
        catch (Exception e)
        {
            _plan.Failed(cluster);
            TellSilent(cluster.ToString(), e);
            if (_known.TryGetValue(cluster, out var facts))
            {
                // Of who does not answer, what was last known grows old, too.
                Judge(facts);
            }
        }
    }

    // Saved, or a service that restarts again and again would never call a cluster stale that never had a backup.
    private DateTimeOffset FirstDueOf(ClusterSummary summary)
    {
        var (key, now) = (summary.Key.ToString(), _time.GetUtcNow());
        if (summary.LastSuccess is not null || summary.Spec is null)
        {
            _isChanged |= _state.FirstDue.Remove(key);
            return now;
        }

        if (!_state.FirstDue.TryGetValue(key, out var due))
        {
            _state.FirstDue[key] = due = summary.NextDue > now ? summary.NextDue.Value : now;
            _isChanged = true;
        }

        return due;
    }

    // Hundreds of clusters of one dead silo fail alike: the 1st, 2nd, 4th, 8th … is logged.
    private void TellSilent(string what, Exception e)
    {
        if (_silent.Add(what) && BitOperations.IsPow2(_silent.Count))
        {
            LogNotHeard(what, _silent.Count, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The notifier cannot ask {What} now, one of {Silent} that do not answer: {Why}. It is asked again")]
    private partial void LogNotHeard(string what, int silent, string why);
}
