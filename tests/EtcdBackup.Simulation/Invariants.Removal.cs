using EtcdBackup.Catalog;

namespace EtcdBackup.Simulation;

/// <content>I1: what may be removed.</content>
internal sealed partial class Invariants
{
    private static readonly TimeSpan LatestWrite = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, TimeSpan> _givenUp = [];

    // What a person asked for while the store hung may be done when nobody asks for it any more: no service can call it back.
    private void GivenUp(Subject subject, string key)
    {
        if (_watched[subject.Key].AskedAll)
        {
            _givenUp[key] = _world.Elapsed;
        }
    }

    // I1, looked at in the very moment before an object goes.
    private void Deleting(Subject subject, string key)
    {
        if (key.EndsWith(BackupMetadata.Extension, StringComparison.Ordinal) ||
            !BackupName.TryParse(key[subject.Folder.Length..], out var name))
        {
            return;
        }

        var watched = _watched[subject.Key];
        Remember(subject, watched);
        if (_givenUp.Remove(key, out var at) && _world.Elapsed - at <= LatestWrite)
        {
            return;
        }

        if (watched.Asked.ContainsKey(name))
        {
            // Asked for long ago, perhaps, and done only now: the store was slow.
            watched.AskedAt = _world.Elapsed;
        }

        // A service may have read documents before they rotted, or after: what is right either way is right.
        var problem = ProblemOfRemoval(subject, name, beforeRot: false);
        if (problem is not null && ProblemOfRemoval(subject, name, beforeRot: true) is not null)
        {
            Violate($"I1: {problem}");
        }
    }

    private void Documented(Subject subject, string key)
    {
        if (BackupMetadata.TryNameOf(key[(key.LastIndexOf('/') + 1)..], out var name) &&
            subject.MetadataOf(subject.Folder + name, beforeRot: true) is { Lineage.Incarnation: > 0 and var incarnation })
        {
            _watched[subject.Key].Told[name] = incarnation;
        }
    }

    // When a lineage ended is known still after a person deleted all backups of the next one.
    private static void Remember(Subject subject, Watched watched)
    {
        foreach (var lineage in subject.Backups().Select(b => subject.MetadataOf(b.Key, beforeRot: true)?.Lineage))
        {
            if (lineage is { Since: { } since })
            {
                watched.Begun[lineage.Incarnation] = watched.Begun.TryGetValue(lineage.Incarnation, out var at) && at < since ? at : since;
            }
        }
    }

    private string? ProblemOfRemoval(Subject subject, BackupName name, bool beforeRot)
    {
        var watched = _watched[subject.Key];
        var all = subject.Backups().Select(b => (b.Name, Metadata: subject.MetadataOf(b.Key, beforeRot))).ToList();
        var known = all.FindAll(b => b.Metadata is not { Verification.Sound: false } || IsJustNoted(subject, b.Name));
        if (!watched.AskedAll && watched.Asked.TryGetValue(name, out var force))
        {
            // One that is rotten may be known to be, though the note of it was lost.
            var isLast = known.Count == 1 && known[0].Name == name && !subject.Store.Objects[subject.Folder + name].IsRotten;
            return !force && isLast && _world.Elapsed - Slack > subject.HarmedAt
                ? $"{name}, the last sound backup, was deleted, and nobody forced it" : null;
        }

        // What the removal relies on vanishes between the look and the removal: no look before can exclude that.
        var isAtOnce = _world.Elapsed - Slack < subject.HarmedAt;
        if (watched.AskedAll || isAtOnce || known.Find(b => b.Name == name) is not { Metadata: { } doomed })
        {
            return null;
        }

        var incarnation = doomed.Lineage.Incarnation;
        if (incarnation == 0)
        {
            // Its metadata was lost: of those with its tag the one that was stored last stays for the time. Another silo may have read it
            // before, and know better.
            if (known.Any(b => b.Name != name && b.Name.Tag == name.Tag && StoredAt(subject, b.Name) >= StoredAt(subject, name)) ||
                _world.Now - StoredAt(subject, name) >= KeepEarlier - ClocksDiffer)
            {
                return null;
            }

            if (!watched.Told.TryGetValue(name, out incarnation))
            {
                return $"{name}, of which nothing is known, was removed by the service itself";
            }
        }

        var hasNewer = known.Any(
            b => b.Name != name && b.Metadata is { } m && m.Lineage.Incarnation == incarnation && m.Revision >= doomed.Revision);
        var later = watched.Begun.Where(b => b.Key > incarnation).ToList();
        return !hasNewer && (later.Count == 0 || _world.Now - later.Min(l => l.Value) < KeepEarlier - ClocksDiffer)
            ? $"{name}, the newest of lineage {incarnation}, was removed by the service itself"
            : null;
    }

    // Rot that is found between the look and the removal.
    private bool IsJustNoted(Subject subject, BackupName name) =>
        subject.Store.Objects[subject.Folder + name + BackupMetadata.Extension].At > _world.Now - Slack;

    private static DateTimeOffset StoredAt(Subject subject, BackupName name) => subject.Store.Objects[subject.Folder + name].At;
}
