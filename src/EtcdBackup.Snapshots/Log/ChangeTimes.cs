namespace EtcdBackup.Snapshots.Log;

/// <summary>Says when a revision came, and which was there at a moment.</summary>
internal static class ChangeTimes
{
    /// <summary>The last main revision that had come, whole, at the time; null if none of the log had.</summary>
    /// <exception cref="ChangeLogException">The log is not whole.</exception>
    public static long? RevisionAt(ChangeReader reader, long timeMs)
    {
        long? last = null;
        foreach (var (revision, came) in All(reader))
        {
            // A clock that was set back does not undo what had come.
            last = came <= timeMs ? revision : last;
        }

        return last;
    }

    /// <summary>When a main revision had come, whole, milliseconds since 1970; null if the log does not have it.</summary>
    /// <exception cref="ChangeLogException">The log is not whole.</exception>
    public static long? TimeOf(ChangeReader reader, long revision)
    {
        foreach (var (main, came) in All(reader))
        {
            if (main == revision)
            {
                return came;
            }
        }

        return null;
    }

    // A revision may come in parts: it is there when its last event is.
    private static IEnumerable<(long Revision, long TimeMs)> All(ChangeReader reader)
    {
        var (revision, came) = (0L, 0L);
        while (reader.NextBatch())
        {
            while (reader.NextEvent())
            {
                if (reader.Main != revision && revision > 0)
                {
                    yield return (revision, came);
                }

                (revision, came) = (reader.Main, reader.TimeMs);
            }
        }

        if (revision > 0)
        {
            yield return (revision, came);
        }
    }
}
