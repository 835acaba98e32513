using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Simulation;

/// <summary>What must hold when a run is told as ended.</summary>
internal sealed partial class Invariants
{
    /// <summary>A run was told as ended.</summary>
    public void Told(SimSilo silo, ClusterKey cluster, RunOutcome outcome)
    {
        var subject = _subjects[cluster];
        if (_states.Mood == StoreMood.Well)
        {
            _watched[subject.Key].Runs.Add(outcome.StartedAt);
        }

        Tell(subject, $"told by {silo.Actor.Name}: {outcome.Result} {outcome.Backup} {outcome.Message}");
        if (outcome.Result is not (RunResult.Succeeded or RunResult.Unchanged))
        {
            return;
        }

        _watched[subject.Key].WellAt = _world.Elapsed;
        var key = subject.Folder + outcome.Backup;
        var isHarmed = subject.Harmed.Contains(key) || _watched[subject.Key].Asked.ContainsKey(outcome.Backup!.Value) ||
            _watched[subject.Key].AskedAll;
        if (!subject.Store.Objects.TryGetValue(key, out var found))
        {
            // Another silo may have taken a newer one, and removed this by rule.
            var isOlder = _grains.Activations.Count(a => a.Key == subject.Key) > 1 &&
                subject.Backups().Any(b => b.Name.Revision >= outcome.Backup!.Value.Revision);
            if (!isHarmed && !isOlder)
            {
                Violate($"I2: {outcome.Backup} was told, and is not in the store");
            }
        }
        else if (outcome.Result == RunResult.Unchanged)
        {
            var began = outcome.StartedAt - silo.Time.Offset - World.Start;
            if (!subject.Etcd.HeldSince(began).Contains(found.Content) || found.WrittenOverAt < began)
            {
                Violate($"I4: 'unchanged' was told, {outcome.Backup} holds {found.Content}, and the cluster {subject.Etcd.Head}");
            }
        }
        else if (!isHarmed && Newer(subject, found) is { } newer && subject.Store.IsTimely)
        {
            Violate($"I2: {outcome.Backup} was told as taken, and {newer} is served");
        }
    }

    private void Tell(Subject subject, string what)
    {
        if (subject == _subjects.Values.First())
        {
            _tell($"{_world.Elapsed:hh\\:mm\\:ss\\.fff}      {what}");
        }
    }

    // What would be served instead of it, and is not newer in truth.
    private static BackupName? Newer(Subject subject, SimObject told)
    {
        if (BackupOrder.Latest(EntriesOf(subject, beforeRot: false)) is not { } latest)
        {
            return null;
        }

        var served = subject.Store.Objects[subject.Folder + latest.Name];

        // Of two silos that do not see each other the later one may have begun another lineage, with content that is a moment older.
        return served == told || served.At > told.At ||
            (served.Era, served.Content!.Revision).CompareTo((told.Era, told.Content!.Revision)) >= 0 ? null : latest.Name;
    }

    // Without a quorum a member gives what it has: it lags, or was forgotten at a restore.
    private Content? IsOfBefore(Subject subject, BackupName name, TimeSpan began) =>
        subject.Etcd.IsReadable && _watched[subject.Key].WithoutQuorumAt < began &&
        subject.Store.Objects.TryGetValue(subject.Folder + name, out var found) &&
        found is { WrittenOverAt: null, Content: { } content } && found.Era == subject.Etcd.Era &&
        !subject.Etcd.HeldSince(began).Contains(content) ? content : null;
}
