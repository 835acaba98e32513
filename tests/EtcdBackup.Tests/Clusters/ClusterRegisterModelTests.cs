using System.Text.Json;
using CsCheck;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Tests.Clusters;

/// <summary>Random histories of reporters that come, go, lie silent and disagree, of lost states and of acts that fail.</summary>
public class ClusterRegisterModelTests
{
    private static readonly RemovalTimes Times = new(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(2));

    // Few of the clusters in each list, and a set in bits: or none would ever be missed for long enough to go.
    private static readonly Gen<int> Lists = Gen.Select(Gen.Int[0, 15], Gen.Int[0, 15], Gen.Int[0, 15], (a, b, c) => a & b & c);

    // Each step: what happens, to which reporter, with which of the clusters 0 to 3, and how new its file is.
    private static readonly Gen<(int What, int Reporter, int Clusters, int Newness)[]> Histories =
        Gen.Select(Gen.Int[0, 29], Gen.Int[0, 2], Lists, Gen.Int[0, 1]).Array[1, 300];

    [Fact]
    public void Nothing_goes_that_somebody_living_named_within_the_grace_and_what_is_named_is_registered() => Histories.Sample(history =>
    {
        var world = new World();
        foreach (var (what, reporter, clusters, newness) in history)
        {
            world.Step(what, reporter, clusters, newness);
        }
    }, iter: 3000);

    [Fact]
    public void The_same_history_leads_to_the_same_acts() => Histories.Sample(history =>
    {
        var (one, two) = (new World(), new World());
        foreach (var (what, reporter, clusters, newness) in history)
        {
            one.Step(what, reporter, clusters, newness);
            two.Step(what, reporter, clusters, newness);
        }

        Assert.Equal(one.Acts, two.Acts);
    }, iter: 300);

    // Who saves goes by the version alone.
    [Fact]
    public void What_changes_what_is_saved_raises_the_version() => Histories.Sample(history =>
    {
        var world = new World { WatchesVersion = true };
        foreach (var (what, reporter, clusters, newness) in history)
        {
            world.Step(what, reporter, clusters, newness);
        }
    }, iter: 200);

    [Fact]
    public void What_is_on_its_way_out_is_kept_with_the_spec_of_the_backups_to_delete_and_the_first_builds_state_is_read()
    {
        var key = new ClusterKey("default", "y");
        var spec = new ClusterSpec
        {
            Key = key,
            Endpoints = [new Uri("http://127.0.0.1:2379")],
            Backup = new BackupSpec { AutoDelete = true }
        };
        var at = new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
        var before = new ClusterRegister(Times);
        before.AddSaved(new ClusterEntry(
            key, "file")
        { Stage = ClusterStage.Departed, MissingSince = at, UnregisteredAt = at, Spec = spec });
        before.AddSaved(new ClusterEntry(new ClusterKey("default", "z"), "file") { MissingSince = at });
        var after = new ClusterRegister(Times);
        JsonSerializer.Deserialize<ClusterDirectoryState>(JsonSerializer.Serialize(ClusterDirectoryState.Of(before)))!.RestoreTo(after);
        var kept = after.Find(key)!;
        Assert.Equal((ClusterStage.Departed, at, spec), (kept.Stage, kept.UnregisteredAt!.Value, kept.Spec));
        Assert.Equal(at, after.Find(new ClusterKey("default", "z"))!.MissingSince);

        var first = new ClusterRegister(Times);
        JsonSerializer.Deserialize<ClusterDirectoryState>(
            """{ "Format": 1, "Sources": { "default/x": "configuration" } }""")!.RestoreTo(first);
        Assert.Equal(("configuration", ClusterStage.Registered), (Assert.Single(first.Entries).Source, first.Entries.First().Stage));

        // It does not say in which file a cluster was named: any list tells, until one has named it.
        first.Report("configuration", "r", at, [spec], at);
        Assert.Equal(at, Assert.Single(first.Entries, e => e.Key.Name == "x").MissingSince);
    }

    private sealed class World
    {
        private readonly Dictionary<int, Said> _said = [];
        private readonly Dictionary<int, DateTimeOffset> _namedAt = [];
        private readonly Dictionary<int, DateTimeOffset> _namedIn = [];
        private ClusterRegister _register = new(Times);
        private DateTimeOffset _now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
        private DateTimeOffset _began = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

        private (int Version, string State) _saved;

        public List<string> Acts { get; } = [];

        public bool WatchesVersion { get; init; }

        public void Step(int what, int reporter, int clusters, int newness)
        {
            var work = new RegisterWork([], []);
            switch (what)
            {
                case 0:
                    _register = Restarted(_register);
                    _saved = default;
                    _began = _now;
                    _said.Clear();
                    break;
                case <= 3:
                    work = Report(reporter, null, DateTimeOffset.UnixEpoch.AddDays(newness));
                    break;
                case <= 13:
                    _now += TimeSpan.FromMinutes(1);
                    break;
                default:
                    work = Report(reporter, clusters, DateTimeOffset.UnixEpoch.AddDays(newness));
                    break;
            }

            Note();
            Watch();
            Carry(work);
            work = _register.Tick(_now);
            Watch();
            Carry(work);
            // What it forgot for good begins anew.
            foreach (var i in Enumerable.Range(0, 4).Where(i => _register.Find(Spec(i).Key) is null))
            {
                _namedIn.Remove(i);
            }

            foreach (var i in Named())
            {
                Assert.Equal(ClusterStage.Registered, _register.Find(Spec(i).Key)!.Stage);
            }
        }

        private IEnumerable<Said> Living => _said.Values.Where(s => _now - s.At < RemovalTimes.Living);

        private IEnumerable<int> Named() => Enumerable.Range(0, 4).Where(i => Living.Any(s => s.Names(i)));

        private RegisterWork Report(int reporter, int? clusters, DateTimeOffset stamp)
        {
            var last = _said.TryGetValue(reporter, out var said) && Living.Contains(said) ? said : new Said(0, _now, false, stamp);
            _said[reporter] = clusters is { } listed
                ? new Said(listed, _now, false, stamp)
                : last with { At = _now, IsSilent = true, WrittenAt = stamp > last.WrittenAt ? stamp : last.WrittenAt };
            foreach (var i in Enumerable.Range(0, 4).Where(i => clusters is { } bits && (bits >> i & 1) == 1))
            {
                _namedIn[i] = _namedIn.GetValueOrDefault(i) > stamp ? _namedIn[i] : stamp;
            }

            return _register.Report("file", $"r{reporter}", stamp,
                clusters is null ? null : [.. Enumerable.Range(0, 4).Where(_said[reporter].Names).Select(Spec)], _now);
        }

        private void Note()
        {
            foreach (var i in Named())
            {
                _namedAt[i] = _now;
            }
        }

        private void Carry(RegisterWork work)
        {
            foreach (var act in work.Acts)
            {
                Acts.Add(act.ToString());
                var i = act.Key.Name[1] - '0';
                if (act is not RegisterAct.Configure)
                {
                    Assert.DoesNotContain(i, Named());
                    Assert.True(_now - _began >= Times.Grace, "not within the grace after a start");
                    Assert.True(_now - _namedAt.GetValueOrDefault(i) >= Times.Grace - RemovalTimes.Living,
                        "not within the grace after it was named");
                    Assert.True(Living.Any(s => s is { IsSilent: false, Clusters: not 0 } && s.WrittenAt >= Living.Max(l => l.WrittenAt) &&
                        s.WrittenAt >= _namedIn.GetValueOrDefault(i)), "somebody living lists others, in a list as new as any");
                }

                if (act is RegisterAct.DeleteBackups)
                {
                    Assert.True(_register.Find(act.Key)!.UnregisteredAt + Times.BackupsGrace <= _now);
                }

                _register.Done(act, _now);
                Watch();
            }
        }

        private void Watch()
        {
            if (!WatchesVersion)
            {
                return;
            }

            var (before, state) = (_saved, JsonSerializer.Serialize(ClusterDirectoryState.Of(_register)));
            _saved = (_register.Version, state);
            var isHigher = state == before.State ? _saved.Version >= before.Version : _saved.Version > before.Version;
            Assert.True(before.State is null || isHigher,
                $"version {before.Version} of {before.State} became {_saved.Version} of {state}");
        }

        /// <summary>What a reporter said last.</summary>
        private sealed record Said(int Clusters, DateTimeOffset At, bool IsSilent, DateTimeOffset WrittenAt)
        {
            public bool Names(int cluster) => (Clusters >> cluster & 1) == 1;
        }

        // What a directory keeps, and all it keeps.
        private static ClusterRegister Restarted(ClusterRegister before)
        {
            var after = new ClusterRegister(Times);
            ClusterDirectoryState.Of(before).RestoreTo(after);
            return after;
        }

        private static ClusterSpec Spec(int i) => new()
        {
            Key = new ClusterKey("default", $"c{i}"),
            Endpoints = [new Uri("http://127.0.0.1:2379")],
            Backup = new BackupSpec { AutoDelete = i % 2 == 0 },
        };
    }
}
