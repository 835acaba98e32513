using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using Microsoft.Extensions.Logging.Abstractions;

namespace EtcdBackup.Simulation;

/// <summary>One history: a world, the steps that happen in it, and what must hold.</summary>
internal sealed partial class History
{
    /// <summary>The interval of all clusters.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    private static readonly string[] Alone = ["subject", "well"];
    private static readonly string[] WithDead = ["subject", "well", "stuck", "mute"];
    private static readonly string[] Crowded = ["subject", "well", "twin", "third"];
    private static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(30);

    private readonly World _world;
    private readonly SimStateStore _states;
    private readonly SimGrains _grains;
    private readonly SimFiles _files;
    private readonly Dictionary<ClusterKey, ClusterSpec> _named = [];
    private readonly Subject _subject;
    private readonly Dictionary<ClusterKey, Subject> _subjects;
    private readonly Invariants _invariants;
    private readonly Action<string> _tell;
    private int _siloNames;
    private int _steps;

    public History(int seed, Planted planted = Planted.Nothing, Action<string>? tell = null)
    {
        _world = new World(seed);
        _tell = tell ?? (_ => { });
        _states = new SimStateStore(_world);
        var clusters = (seed % 4) switch { 0 => WithDead, 1 => Crowded, _ => Alone };
        // A history with a log takes as long as three without.
        var hasLog = seed / 4 % 4 == 1;
        _subjects = clusters.Select(n => new Subject(_world, n) { HasLog = hasLog && n == clusters[0] }).ToDictionary(s => s.Key);
        _subject = _subjects.Values.First();
        _grains = new SimGrains(
            new Surroundings(_world, k => _subjects[k].Etcd, k => _subjects[k].Store, _states, planted, (s, k, o) =>
                _invariants!.Told(s, k, o), hasLog), NullLogger.Instance, m => _invariants!.Violate(m));
        _files = new SimFiles(_world);
        _grains.Directory = new SimDirectory(_grains.Around, _grains, _files, m => _invariants!.Violate(m));
        _invariants = new Invariants(_world, _subjects, _grains, _states, _tell);
        _grains.Directory.Deleting = k => _invariants.AskedToDeleteAll(_subjects[k]);
        _grains.Directory.Tell = m => _tell($"{_world.Elapsed:hh\\:mm\\:ss\\.fff}      {m}");
        _grains.Directory.Removing = k => _invariants.Forgotten(_subjects[k]);
        _grains.Directory.Configured = k => _invariants.Configured(_subjects[k]);
        _states.ForgetsConflicts = planted == Planted.ForgetsConflicts;
        (_subject.Store.Planted, _subject.Etcd.AnswersThePast) = (planted, planted == Planted.AnswersThePast);
        _subject.Etcd.ToldWrong = planted == Planted.TellsAnother ? _subject.Etcd.Head.Revision + 3 : 0;
        if (clusters == WithDead)
        {
            _subjects.Values.ElementAt(2).Store.Mood = StoreMood.Hanging;
            _subjects.Values.ElementAt(3).Etcd.IsStuck = true;
            _subjects.Values.ElementAt(3).Etcd.IsMute = planted == Planted.SharesOneSlot;
        }

        foreach (var subject in _subjects.Values)
        {
            subject.Bucket = clusters == Crowded ? "shared" : subject.Key.Name;
            Mention(subject, maxBackups: _world.Random.Next(6));
        }

        _files.Write([.. _named.Values]);
        StartSilo();
        StartSilo();
        Beat();
        _world.Run(TimeSpan.FromSeconds(5));
    }

    /// <summary>What did not hold; null when all did.</summary>
    public string? Violation => _invariants.Violation;

    /// <summary>What ties streams of the change log to backups.</summary>
    public IEnumerable<AnchorName> Anchors =>
        _subject.LogNames.Select(n => AnchorName.TryParse(n, out var anchor) ? anchor : (AnchorName?)null).OfType<AnchorName>();

    /// <summary>Lets all steps happen, up to the first violation.</summary>
    public History Run(IEnumerable<Step> steps)
    {
        foreach (var step in steps)
        {
            _tell($"{_world.Elapsed:hh\\:mm\\:ss\\.fff}  {step}");
            Do(step);
            _world.Run(step.Wait);
            if (_states.Mood != StoreMood.Well)
            {
                // No grain wakes without its state: that is everybody's fault.
                _invariants.Disturbed(everyone: true);
            }

            _invariants.AfterStep();
            if (_subject.HasLog && ++_steps % 16 == 0)
            {
                _invariants.Windows(_subject);
            }

            if (Violation is not null)
            {
                break;
            }
        }

        return this;
    }

    private void Beat()
    {
        _grains.Beat();
        _world.At(_world.Elapsed + BeatEvery, _world.Nobody, Beat);
    }

    private void StartSilo() => _grains.Start($"silo{++_siloNames}", TimeSpan.FromSeconds(_world.Random.Next(-240, 240)));

    private void Name(Subject subject, int maxBackups)
    {
        Mention(subject, maxBackups);
        _files.Write([.. _named.Values]);
    }

    private void Mention(Subject subject, int maxBackups)
    {
        _named[subject.Key] = subject.Spec = subject.SpecOf(maxBackups, autoDelete: _world.Chance(0.5));
        subject.IsNamed = true;
    }

    private void Unname(Subject subject)
    {
        _named.Remove(subject.Key);
        subject.IsNamed = false;
        _files.Write([.. _named.Values]);
    }
}
