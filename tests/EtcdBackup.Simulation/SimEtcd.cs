using EtcdBackup.Clusters;
using EtcdBackup.Etcd;

namespace EtcdBackup.Simulation;

/// <summary>What a cluster holds at one moment. Two moments hold the same if they are the same content.</summary>
/// <param name="Id">Counts all contents that ever were.</param>
/// <param name="Revision">etcd's revision.</param>
internal sealed record Content(int Id, long Revision);

/// <summary>An etcd cluster: what raft promises, and no more.</summary>
internal sealed partial class SimEtcd
{
    private const long Bump = 1_000_000;
    private const ulong FirstTerm = 2;
    private const ulong FirstIndex = 4;

    private readonly World _world;
    private readonly List<(TimeSpan From, Content Content, int Era)> _heads = [];
    private readonly Dictionary<(ulong Cluster, long Revision), List<(Content Content, ulong Term, ulong Index)>> _positions = [];
    private readonly Dictionary<SimMember, MemberStatus> _past = [];
    private readonly Dictionary<int, SimPut> _puts = [];
    private readonly Dictionary<int, Content> _bumped = [];
    private int _contents;
    private ulong _term;
    private ulong _index;

    public SimEtcd(World world, int members, bool isByteIdentical, bool isCompacted)
    {
        (_world, IsByteIdentical, IsCompacted) = (world, isByteIdentical, isCompacted);
        Members = [.. Enumerable.Range(0, members).Select(i => new SimMember(i))];
        Begin(NewContent(40, null));
    }

    public IReadOnlyList<SimMember> Members { get; }

    /// <summary>Whether two snapshots of one content are equal byte for byte, as those of 3.4 are.</summary>
    public bool IsByteIdentical { get; }

    /// <summary>Whether its past is compacted now and then.</summary>
    public bool IsCompacted { get; }

    public Content Head => _heads[^1].Content;

    /// <summary>Counts restores and recreations: the true order of lineages.</summary>
    public int Era { get; private set; }

    /// <summary>What it says that it is.</summary>
    public ulong ClusterId { get; private set; } = 0xc1;

    /// <summary>The revision up to which the past is gone.</summary>
    public long Compacted { get; private set; }

    /// <summary>Whether it answers nobody.</summary>
    public bool IsStuck { get; set; }

    /// <summary>Planted: a call to it never ends.</summary>
    public bool IsMute { get; set; }

    public bool HasQuorum => Members.Count(m => m.IsUp && !m.IsCutOff) > Members.Count / 2;

    /// <summary>Whether a member whose word counts reads with a quorum: the word of one with a CORRUPT alarm does not.</summary>
    public bool IsReadable => HasQuorum && Members.Any(m => m is { IsUp: true, IsCutOff: false, HasCorruptAlarm: false });

    /// <summary>All that the cluster held from then on.</summary>
    public IEnumerable<Content> HeldSince(TimeSpan time)
    {
        for (var i = _heads.Count - 1; i >= 0; i--)
        {
            yield return _heads[i].Content;
            if (_heads[i].From <= time)
            {
                yield break;
            }
        }
    }

    public void Write(int count)
    {
        for (var i = 0; HasQuorum && (i < count || IsAmbiguous(Head, _term, _index)); i++)
        {
            _index++;
            SetHead(NewContent(Head.Revision + 1, Head));
        }

        Replicate();
    }

    /// <summary>An election: a new term, and an empty entry; and leases, which have entries and no revision. They could hide a restore.
    /// </summary>
    public void Elect(int leases = 0)
    {
        var entries = (ulong)(leases + 1);
        if (HasQuorum && !IsAmbiguous(Head, _term + 1, _index + entries))
        {
            (_term, _index) = (_term + 1, _index + entries);
            Replicate();
        }
    }

    /// <summary>Restores the cluster to a content that it, or an earlier one, had; all members begin anew, but for one that is cut
    /// off.</summary>
    public void Restore(Content content, bool keepsId, SimMember? but = null)
    {
        var id = keepsId ? ClusterId : ClusterId + 1;
        if (!IsAmbiguous(content, FirstTerm, FirstIndex, id))
        {
            Era++;
            (ClusterId, Compacted) = (id, Math.Min(Compacted, content.Revision));
            Begin(content, but);
        }
    }

    /// <summary>An empty cluster, and some puts.</summary>
    public void Recreate(bool keepsId) => Restore(NewContent(25 + (_contents % 15), null), keepsId);

    /// <summary>The same keys, at a higher revision: each time the same, of one content.</summary>
    public void RestoreWithBump(Content content)
    {
        if (!_bumped.TryGetValue(content.Id, out var bumped))
        {
            bumped = _bumped[content.Id] = new Content(++_contents, content.Revision + Bump);
            _puts[bumped.Id] = _puts[content.Id];
        }

        Restore(bumped, keepsId: true);
    }

    /// <summary>The past goes.</summary>
    public void Compact(int keep) => Compacted = IsCompacted ? Math.Max(Compacted, Head.Revision - keep) : 0;

    /// <summary>All contents of a revision that ever were.</summary>
    public IEnumerable<SimPut> At(long revision) => _puts.Values.Where(p => p.Revision == revision);

    /// <summary>The put that made a content, and through it all before.</summary>
    public SimPut PutsOf(int content) => _puts[content];

    /// <summary>The puts that a member has from a revision on.</summary>
    public IEnumerable<SimPut> Since(SimMember member, long revision)
    {
        var since = new Stack<SimPut>();
        for (var put = _puts[member.Applied.Id]; put is not null && put.Revision >= revision; put = put.Before)
        {
            since.Push(put);
        }

        return since;
    }

    /// <summary>Some members catch up, others lag.</summary>
    public void Replicate(double lagging = 0.2)
    {
        foreach (var member in Members.Where(m => m.IsUp && !m.IsCutOff))
        {
            if (Members.Count == 1 || !_world.Chance(lagging))
            {
                CatchUp(member);
            }
        }
    }

    public void CatchUp(SimMember member) => (member.Applied, member.Index, member.Term, member.Era) = (Head, _index, _term, Era);

    public void Heal()
    {
        IsStuck = false;
        foreach (var member in Members)
        {
            (member.IsUp, member.IsCutOff, member.HasCorruptAlarm, member.IsDamaged, member.Differs, member.IsBreaking) = (
                true, false, false, false, false, false);
            CatchUp(member);
        }
    }

    /// <summary>Planted: what a watch tells of this revision is of another.</summary>
    public long ToldWrong { get; set; }

    /// <summary>Planted: the members answer what they answered first.</summary>
    public bool AnswersThePast { get; set; }

    public MemberStatus StatusOf(SimMember member)
    {
        var now = NowOf(member);
        return AnswersThePast && now.Answered ? _past.TryGetValue(member, out var past) ? past : _past[member] = now : now;
    }

    private MemberStatus NowOf(SimMember member) => !member.IsUp || IsStuck
        ? new MemberStatus { Endpoint = member.Endpoint, Error = "did not answer in time" }
        : new MemberStatus
        {
            Endpoint = member.Endpoint,
            ClusterId = ClusterId,
            MemberId = member.Id,
            Leader = HasQuorum && (!member.IsCutOff || member.TellsLeader) ? Members[0].Id : 0,
            Revision = member.Applied.Revision,
            RaftTerm = member.Term,
            RaftIndex = member.Index,
            Version = new EtcdVersion(3, 5, 30),
            DbSize = 100,
            IsCorrupt = member.HasCorruptAlarm,
        };

    private void Begin(Content content, SimMember? but = null)
    {
        (_term, _index) = (FirstTerm, FirstIndex);
        SetHead(content);
        foreach (var member in Members.Where(m => m != but))
        {
            (member.IsUp, member.IsCutOff, member.Differs) = (true, false, false);
            CatchUp(member);
        }
    }

    private Content NewContent(long revision, Content? after)
    {
        var content = new Content(++_contents, revision);
        _puts[content.Id] = SimPut.After(after is null ? null : _puts[after.Id], content);
        return content;
    }

    private void SetHead(Content content)
    {
        _heads.Add((_world.Elapsed, content, Era));
        if (!IsCompacted)
        {
            return;
        }

        var known = _positions.TryGetValue((ClusterId, content.Revision), out var found) ? found
            : _positions[(ClusterId, content.Revision)] = [];
        known.Add((content, _term, _index));
    }

    // Restored twice from one backup, and written to as often: where two contents have one revision and the later one no lower term or
    // index, and the past is compacted, no answer of etcd need tell them apart. Such moments pass unseen here; docs/testing.md says so.
    private bool IsAmbiguous(Content content, ulong term, ulong index, ulong? clusterId = null) => IsCompacted &&
        _positions.TryGetValue((clusterId ?? ClusterId, content.Revision), out var known) &&
        known.Exists(p => p.Content.Id != content.Id && term >= p.Term && index >= p.Index);
}
