namespace EtcdBackup.Clusters;

/// <content>How a cluster is registered and unregistered.</content>
internal sealed partial class ClusterRegister
{
    private static readonly Backoff Retry = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1));

    // The first backups of new clusters are spread over some time, so that thousands do not begin at once.
    private const int FirstBackupsPerSecond = 40;

    /// <summary>What has to be done with a cluster now; null if nothing.</summary>
    public RegisterAct? NextAct(ClusterKey key, DateTimeOffset now)
    {
        if (Find(key) is not { } entry || entry.TryAgainAt > now)
        {
            return null;
        }

        var isAbsent = entry.AbsentFrom + times.Grace <= now;
        return entry switch
        {
            { Stage: ClusterStage.Registered } when isAbsent => new RegisterAct.Unregister(key),
            { Stage: ClusterStage.Registered, NamedAt: not null, Spec: { } spec } when !ReferenceEquals(entry.Applied, spec)
                || entry.ApplyAgainAt <= now =>
                new RegisterAct.Configure(spec, entry.Source, entry.Within),
            { Stage: ClusterStage.Departed, Spec: { Backup.AutoDelete: true } spec } when isAbsent
                && entry.UnregisteredAt + times.BackupsGrace <= now => new RegisterAct.DeleteBackups(spec),
            _ => null,
        };
    }

    /// <summary>Records that an act succeeded. What changed meanwhile leads to the next act.</summary>
    public void Done(RegisterAct act, DateTimeOffset now)
    {
        if (Find(act.Key) is not { } entry)
        {
            return;
        }

        (entry.Failures, entry.TryAgainAt) = (0, default);
        switch (act)
        {
            case RegisterAct.Configure configured:
                (entry.Applied, entry.Within) = (configured.Spec, TimeSpan.Zero);
                entry.ApplyAgainAt = now + (times.ApplyAgain * (0.5 + (PlaceOf(act.Key) / 2)));
                break;
            case RegisterAct.Unregister when entry.AbsentFrom is null:
                // It was named again while it was being unregistered: the spec has to be applied to its grain again.
                entry.Applied = null;
                break;
            case RegisterAct.Unregister:
                (entry.Stage, entry.UnregisteredAt, entry.Applied) = (ClusterStage.Departed, now, null);
                Version++;
                break;
            case RegisterAct.DeleteBackups when entry.Stage == ClusterStage.Departed:
                (entry.Stage, entry.BackupsDeletedAt) = (ClusterStage.BackupsDeleted, now);
                Version++;
                break;
        }
    }

    /// <summary>Records that an act failed: it is tried again, less and less often.</summary>
    /// <returns>The failures in a row.</returns>
    public int Failed(ClusterKey key, DateTimeOffset now)
    {
        if (Find(key) is not { } entry)
        {
            return 1;
        }

        entry.Failures++;
        entry.TryAgainAt = now + Retry.After(entry.Failures);
        return entry.Failures;
    }

    /// <summary>Keeps the spec of a cluster that is about to be unregistered, because its grain loses it, and deleting its backups may need
    /// it.</summary>
    public void BeginUnregister(ClusterKey key, ClusterSpec? spec)
    {
        if (Find(key) is { } entry)
        {
            (entry.Spec, entry.IsLeaving) = (entry.Spec ?? spec, true);
            Version++;
        }
    }

    /// <summary>Adds an entry for each cluster of a source's living reporters that has a known spec and no entry yet.</summary>
    private void AddNew(string source, IEnumerable<ClusterKey> keys, DateTimeOffset now)
    {
        var added = new List<ClusterEntry>();
        foreach (var key in keys)
        {
            if (Find(key) is null && _reporters.Look(source, key).Spec is not null)
            {
                added.Add(Add(key, source, now));
            }
        }

        foreach (var entry in added)
        {
            entry.Within = TimeSpan.FromSeconds((double)added.Count / FirstBackupsPerSecond);
        }
    }

    private void Consider(ClusterEntry entry, DateTimeOffset now)
    {
        var (isNamed, spec, writtenAt) = _reporters.Look(entry.Source, entry.Key);
        if (isNamed)
        {
            entry.AbsentFrom = null;
            Remember(entry, writtenAt);
            if (entry.Stage == ClusterStage.Registered || (spec ?? entry.Spec) is not null)
            {
                Register(entry, now);
                SetSpec(entry, spec);
            }
        }
        else if ((entry.Source == "" || entry.Stage != ClusterStage.Registered || now - entry.AbsentFrom >= times.Grace) &&
            AnotherSourceOf(entry) is { } other)
        {
            // The ages of files are comparable only within one source.
            (entry.Source, entry.NamedIn) = (other.Source, other.WrittenAt);
            Version++;
            Register(entry, now);
            SetSpec(entry, other.Spec);
        }
        else if (!_reporters.Lacks(entry.Source, entry.Key, entry.NamedIn))
        {
            // No list can prove it. What was seen before does not count towards the grace, which has to pass without a break.
            entry.AbsentFrom = null;
        }
        else
        {
            entry.AbsentFrom ??= now;
            if (entry.MissingSince is null)
            {
                entry.MissingSince = now;
                Version++;
            }
        }
    }

    private void Remember(ClusterEntry entry, DateTimeOffset writtenAt)
    {
        if (writtenAt > entry.NamedIn)
        {
            entry.NamedIn = writtenAt;
            Version++;
        }
    }

    private (string Source, ClusterSpec Spec, DateTimeOffset WrittenAt)? AnotherSourceOf(ClusterEntry entry)
    {
        foreach (var source in _reporters.Sources.Where(s => s != entry.Source))
        {
            if (_reporters.Look(source, entry.Key) is { Spec: { } spec } look)
            {
                return (source, spec, look.WrittenAt);
            }
        }

        return null;
    }

    private static void SetSpec(ClusterEntry entry, ClusterSpec? spec)
    {
        if (spec is not null && !ReferenceEquals(entry.Spec, spec))
        {
            // A corrected spec is applied at once, however often the one before failed.
            (entry.Spec, entry.Failures, entry.TryAgainAt) = (spec, 0, default);
        }
    }

    private void Register(ClusterEntry entry, DateTimeOffset now)
    {
        if (entry.Stage != ClusterStage.Registered)
        {
            entry.Applied = null;
        }

        if (entry.Stage != ClusterStage.Registered || entry.MissingSince is not null)
        {
            Version++;
        }

        (entry.Stage, entry.NamedAt, entry.AbsentFrom, entry.IsLeaving) = (ClusterStage.Registered, now, null, false);
        (entry.MissingSince, entry.UnregisteredAt, entry.BackupsDeletedAt) = (null, null, null);
    }

    private ClusterEntry Add(ClusterKey key, string source, DateTimeOffset now)
    {
        var entry = new ClusterEntry(key, source) { NamedAt = now };
        _entries[key.ToString()] = _byKey[key] = entry;
        Version++;
        return entry;
    }

    private void RemoveEntry(ClusterEntry entry)
    {
        _entries.Remove(entry.Key.ToString());
        _byKey.Remove(entry.Key);
        Version++;
    }

    // A cluster's place in the time in which all specs are applied again, from 0 to below 1: by its name (FNV-1a), so that they do not come
    // all at once.
    private static double PlaceOf(ClusterKey key)
    {
        var hash = 2166136261u;
        foreach (var letter in key.ToString())
        {
            hash = (hash ^ letter) * 16777619u;
        }

        return hash / (uint.MaxValue + 1.0);
    }
}
