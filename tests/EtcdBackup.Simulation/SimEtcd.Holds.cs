using EtcdBackup.Snapshots;

namespace EtcdBackup.Simulation;

/// <content>What a member says of its history, asked as the real one is.</content>
internal sealed partial class SimEtcd
{
    private const byte DifferingKey = 0;

    /// <summary>What a member whose data differs has in place of a put.</summary>
    public static LastPut? Seen(SimMember member, LastPut? put) =>
        put is not null && member.Differs && put.Key[0] == DifferingKey ? put with { Hash = $"differs on {member.Id}" } : put;

    /// <summary>One member's data differs from now on, where there are others to tell.</summary>
    public void Differ(SimMember member) => member.Differs = Members.Count > 2 && Members.All(m => m == member || !m.Differs);

    /// <summary>Whether a member has the history of a snapshot.</summary>
    public bool? Holds(SimMember member, LastPut put)
    {
        if (member.Applied.Revision < put.Revision)
        {
            return null;
        }

        var puts = _puts[member.Applied.Id];
        var holds = put.IsIn(Seen(member, puts.Find(put.Key[0], long.MaxValue))) ??
            (put.Revision < Compacted ? null : put.Equals(Seen(member, puts.Find(put.Key[0], put.Revision))));
        return holds is false || put.Deleted is not { } deleted ? holds
            : member.Applied.Revision < deleted.Revision ? null
            : Holds(puts, deleted) is false ? false : holds;
    }

    private bool? Holds(SimPut puts, LastDeletion deleted)
    {
        if (deleted.IsIn(puts.Find(deleted.Key[0], long.MaxValue)) is false)
        {
            return false;
        }

        if (deleted.Revision < Compacted)
        {
            return null;
        }

        return puts.Find(deleted.Key[0], deleted.Revision) is not null ? false
            : deleted.Revision - 1 < Compacted ? null
            : puts.Find(deleted.Key[0], deleted.Revision - 1) is not null;
    }
}
