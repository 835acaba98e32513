using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Simulation;

/// <summary>What must hold, in whatever history. The first thing that does not is kept.</summary>
internal sealed partial class Invariants
{
    /// <summary>What runs, retries and listings may take beyond an interval.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan ForABackup = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan KeepEarlier = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromMinutes(9);
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(20);

    private readonly World _world;
    private readonly SimGrains _grains;
    private readonly SimStateStore _states;
    private readonly Action<string> _tell;
    private readonly Dictionary<ClusterKey, Subject> _subjects;
    private readonly Dictionary<ClusterKey, Watched> _watched;
    private TimeSpan _disturbed;

    public Invariants(World world, Dictionary<ClusterKey, Subject> subjects, SimGrains grains, SimStateStore states, Action<string> tell)
    {
        (_world, _grains, _states, _tell, _subjects) = (world, grains, states, tell, subjects);
        _watched = subjects.Keys.ToDictionary(k => k, _ => new Watched());
        foreach (var subject in subjects.Values)
        {
            subject.Store.Violated = Violate;
            subject.Store.Deleting = key => Deleting(subject, key);
            subject.Store.GivenUp = key => GivenUp(subject, key);
            subject.Store.Documented = key => Documented(subject, key);
        }
    }

    public string? Violation { get; private set; }

    public void Violate(string what)
    {
        Violation ??= $"{_world.Elapsed:hh\\:mm\\:ss\\.fff}  {what}";
        _tell($"{_world.Elapsed:hh\\:mm\\:ss\\.fff}  VIOLATION {what}");
    }

    /// <summary>Something happened to the silos or to the state store: other clusters may be late for a while.</summary>
    public void Disturbed(bool everyone) => _disturbed = everyone ? _world.Elapsed : _disturbed;

    public void AskedToDelete(Subject subject, BackupName name, bool force)
    {
        _watched[subject.Key].Asked[name] = _watched[subject.Key].Asked.GetValueOrDefault(name) || force;
        _watched[subject.Key].AskedAt = _world.Elapsed;
    }

    public void AskedToDeleteAll(Subject subject)
    {
        _watched[subject.Key].AskedAll = true;
        _watched[subject.Key].AllAsked++;
    }

    /// <summary>What was told is not known any more: the state was lost, or ends with its cluster.</summary>
    public void Forgotten(Subject subject) => _watched[subject.Key].Runs.Clear();

    /// <summary>The cluster is registered again: what is being deleted at this moment may still go.</summary>
    public void Configured(Subject subject)
    {
        var asked = _watched[subject.Key].AllAsked;
        _world.At(_world.Elapsed + TimeSpan.FromMinutes(1), _world.Nobody, () =>
        {
            if (_watched[subject.Key].AllAsked == asked)
            {
                _watched[subject.Key].AskedAll = false;
            }
        });
    }

    /// <summary>What <c>backupnow</c> answered.</summary>
    public void Answered(Subject subject, BackupNowReply reply, TimeSpan began)
    {
        if (_world.Elapsed - began > LongestRun)
        {
            Violate($"I8: a backup of {subject.Key} took {_world.Elapsed - began}");
        }

        if (reply.Outcome.Result is not (RunResult.Succeeded or RunResult.Unchanged))
        {
            return;
        }

        if (reply.Backup is null)
        {
            Violate("I2: a backup was told as taken, and not which");
        }
        else if (IsOfBefore(subject, reply.Backup.Name, began) is { } content)
        {
            Violate($"I4: {reply.Backup.Name} was answered to a caller of {began}, and is of before: {content}, not {subject.Etcd.Head}");
        }
    }

    public void AfterStep()
    {
        foreach (var subject in _subjects.Values.Where(s => !s.Etcd.IsReadable))
        {
            _watched[subject.Key].WithoutQuorumAt = _world.Elapsed;
        }

        if (_subjects.Values.ElementAt(1) is var well && _world.Elapsed - _disturbed > (3 * History.Interval) + Slack &&
            _watched[well.Key].WellAt < _world.Elapsed - History.Interval - Slack)
        {
            Violate($"I8: {well.Key}, where all is well, was last backed up at {_watched[well.Key].WellAt}");
        }
    }

    /// <summary>Faults have stopped for two intervals.</summary>
    public void AfterQuiet(Subject subject) => Ask(subject, async clock =>
    {
        var asked = _world.Elapsed;
        var found = await clock.FindAsync(new BackupQuestion());
        if (IsRotFound(subject))
        {
            // The scrub has just read what rotted long ago: the next backup is on its way.
            await _world.DelayAsync(ForABackup);
            found = await clock.FindAsync(new BackupQuestion());
        }

        var held = subject.Etcd.HeldSince(asked - History.Interval - Slack).Select(c => c.Id).ToHashSet();
        var served = found.Backup is { } b && subject.Store.Objects.TryGetValue(subject.Folder + b.Name, out var o) ? o : null;
        var content = served is null or { WrittenOverAt: not null } || SimSnapshot.IsDiffering(served.Bytes) ? null : served.Content;
        if (content is null || !held.Contains(content.Id))
        {
            Violate($"I3: served is {found.Backup?.Name.ToString()
                ?? "nothing"} with content {content?.Id}, and the cluster held {held.Count}: {string.Join(", ", held.Take(5))}…");
        }

        await AgreeAsync(subject, clock);
        await StandAsync(subject);
    });

    private bool IsRotFound(Subject subject) => subject.Backups().Any(b =>
        subject.MetadataOf(b.Key, beforeRot: true) is { Verification: { Sound: false } } &&
        subject.Store.Objects.TryGetValue(b.Key + BackupMetadata.Extension, out var document) && document.At > _world.Now - ForABackup);

    // I6: what is named is registered. I7: what each of two activations told is in the state.
    private async Task StandAsync(Subject subject, int tries = 3)
    {
        var row = _states.Peek(subject.Key.ToString());
        var isListed = _grains.Directory.Registered?.Contains(subject.Key) is true;
        var lost = _watched[subject.Key].Runs.TakeLast(3).Where(r => !HasRun(row, r)).ToArray();
        if (isListed && row?.Spec == subject.Spec && lost.Length == 0)
        {
            return;
        }

        if (tries > 0)
        {
            // The state was just being written, or the directory moved.
            await _world.DelayAsync(TimeSpan.FromSeconds(4));
            await StandAsync(subject, tries - 1);
        }
        else if (!isListed || row?.Spec != subject.Spec)
        {
            Violate($"I6: the configuration names {subject.Key}, listed is {isListed}, and in force {row?.Spec}");
        }
        else
        {
            Violate($"I7: the state forgot the runs of {string.Join(", ", lost)}");
        }
    }

    // Clocks differ, and of the last runs only so many are kept.
    private static bool HasRun(BackupGrainState? row, DateTimeOffset startedAt) =>
        row is not null && (row.Outcomes.Exists(o => o.StartedAt == startedAt) || row.Outcomes.Count(o => o.StartedAt > startedAt) > 6);

    private async Task AgreeAsync(Subject subject, BackupClock clock, int tries = 3)
    {
        var slice = await clock.ListAsync(0, 1000);
        var status = await clock.StatusAsync();
        var rules = await clock.PreviewRetentionAsync();
        var there = subject.Backups().Select(b => b.Name).ToHashSet();
        if (!there.SetEquals(slice.Entries.Select(e => e.Name)) || !there.SetEquals(rules.Select(d => d.Backup)) ||
            status.Stored.Count != there.Count ||
            status.Stored.Bytes != subject.Backups().Sum(b => b.Object.Bytes.Length))
        {
            if (tries > 0)
            {
                // A run was just committing, or removing.
                await _world.DelayAsync(TimeSpan.FromSeconds(2));
                await AgreeAsync(subject, clock, tries - 1);
                return;
            }

            Violate($"I9: in the store are {string.Join(", ", there)}; told were {status.Stored.Count}: {string.Join(
                ", ", slice.Entries.Select(e => e.Name))}");
        }

        if (_grains.Find(subject.Key)?.State.State.FailuresInRow > 0)
        {
            Violate("I3: it still fails");
        }
    }

    private void Ask(Subject subject, Func<BackupClock, Task> question)
    {
        var answered = false;
        _grains.On(subject.Key, async a =>
        {
            await question(a.Clock);
            answered = true;
        });
        for (var i = 0; i < 400 && !answered; i++)
        {
            _world.Run(TimeSpan.FromMilliseconds(100));
        }

        if (!answered)
        {
            Violate("I8: no answer, though all is well");
        }
    }

    private sealed class Watched
    {
        public Dictionary<BackupName, bool> Asked { get; } = [];

        public TimeSpan AskedAt { get; set; }

        public TimeSpan WithoutQuorumAt { get; set; }

        public bool AskedAll { get; set; }

        public int AllAsked { get; set; }

        public List<DateTimeOffset> Runs { get; } = [];

        /// <summary>When each lineage was first seen, by those that saw it.</summary>
        public Dictionary<int, DateTimeOffset> Begun { get; } = [];

        /// <summary>The lineage of each backup, as its document once said: who read it then knows it still.</summary>
        public Dictionary<BackupName, int> Told { get; } = [];

        public TimeSpan WellAt { get; set; }
    }
}
