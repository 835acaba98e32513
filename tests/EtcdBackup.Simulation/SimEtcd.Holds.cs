using EtcdBackup.Snapshots;

namespace EtcdBackup.Simulation;

/// <content>What a member says of its history, asked as the real one is.</content>
internal sealed partial class SimEtcd
{
    /// <summary>Whether a member has the history of a snapshot.</summary>
    public bool? Holds(SimMember member, LastPut put)
    {
        if (member.Applied.Revision < put.Revision)
        {
            return null;
        }

        var puts = _puts[member.Applied.Id];
        var holds = put.IsIn(puts.Find(put.Key[0], long.MaxValue)) ??
            (put.Revision < Compacted ? null : put.Equals(puts.Find(put.Key[0], put.Revision)));
        return holds is not false && put.Deleted is { } deleted && member.Applied.Revision >= deleted.Revision &&
            Holds(puts, deleted) is false ? false : holds;
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
