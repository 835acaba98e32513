using EtcdBackup.Clusters;

namespace EtcdBackup.Simulation;

/// <content>Whether what is removed may go.</content>
internal sealed partial class SimDirectory
{
    // I6: what a living source names stays registered, and nothing goes before its grace.
    private void Judge(Activation there, ClusterKey key, bool deletes)
    {
        // What a silent one said last, or one that cannot read its file, stands against the rule, and not against a person.
        var isAsked = there.IsAsked == key;
        var says = _said.Values.FirstOrDefault(s =>
            s.Silo.Actor.IsAlive && IsLiving(s) && !(isAsked && (s.IsSilent || s.At < there.Began)) && s.Keys.Contains(key));
        if (says is not null)
        {
            violated($"I6: {key} is named by {says.Silo.Actor.Name}, and is {(deletes ? "deleted" : "unregistered")}");
        }

        if (isAsked)
        {
            // a person's wish needs no grace
            return;
        }

        if (!_said.Values.Any(s => IsLiving(s) && !s.IsSilent && s.Keys.Count > 0))
        {
            violated($"I6: nobody lists other clusters, and {key} is {(deletes ? "deleted" : "unregistered")}");
        }

        if (around.World.Elapsed - _namedAt.GetValueOrDefault(key) < Times.Grace)
        {
            violated($"I6: {key} was named within the grace, at {_namedAt[key]}");
        }

        if (deletes && around.World.Elapsed - _unregisteredAt.GetValueOrDefault(key) < Times.BackupsGrace - ClocksDiffer)
        {
            violated($"I6: {key} was unregistered at {_unregisteredAt[key]}, and its backups go already");
        }
    }
}
