using System.Runtime.CompilerServices;
using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Encodings;
using Mvccpb;

namespace EtcdBackup.Simulation;

/// <content>I10: a window that is told is recoverable at every revision in it.</content>
internal sealed partial class Invariants
{
    private static readonly TimeSpan UntilCurrent = TimeSpan.FromMinutes(3);

    private static readonly ConditionalWeakTable<byte[], List<KeyValue>> Decoded = [];

    private readonly HashSet<(BackupName Base, SegmentName First, SegmentName Last, long To)> _judged = [];

    /// <summary>Every path that goes on from a backup gives, at each revision, what the cluster had.</summary>
    public void Windows(Subject subject)
    {
        foreach (var path in PathsOf(subject).Where(p => p.Segments.Count > 0))
        {
            // Segments do not change, but for rot.
            if (!_judged.Add((path.Base.Name, path.Segments[0], path.Segments[^1], path.Last)))
            {
                continue;
            }

            var found = subject.Store.Objects[subject.Folder + path.Base.Name];
            if (found is { IsRotten: false, WrittenOverAt: null, Content: { } from } && !path.Segments.Any(s => IsHarmed(subject, s)) &&
                Difference(subject, path, from) is { } difference)
            {
                Violate($"I10: {path.Base.Name} and stream {path.Stream} up to revision {path.Last}: {difference}");
            }
        }
    }

    /// <summary>Once faults have stopped, the log goes on by itself, and has all.</summary>
    public void AfterQuietLog(Subject subject)
    {
        string? problem = null;
        for (var until = _world.Elapsed + UntilCurrent; _world.Elapsed < until;)
        {
            _world.Run(TimeSpan.FromSeconds(1));
            problem = LagOf(subject);
            if (problem is null)
            {
                Windows(subject);
                return;
            }
        }

        Violate($"I10: the log does not go on: {problem}");
    }

    private string? LagOf(Subject subject)
    {
        var states = _grains.Silos.Select(s => s.Logs?.Logs.Find(subject.Key)?.State).OfType<LogState>().ToList();
        var best = states.MaxBy(s => (s.Problem is null, s.Stored));
        var head = subject.Etcd.Head.Revision;
        return LatestIsUnknown(subject) ? null
            : best is null ? "nobody keeps it"
            : best.Problem ?? (best.Stored != head ? $"{best.Stored} is stored, and the cluster is at {head}" :
                PathsOf(subject).Any(p => p.Last == head && p.Stream == best.Stream) ? null : $"no path leads to revision {head}");
    }

    // Its metadata was lost: the log goes on with the next backup that there is something to take for.
    private static bool LatestIsUnknown(Subject subject)
    {
        var entries = EntriesOf(subject, beforeRot: false).ToList();
        return BackupOrder.NewestOfUnknownLineage(entries)?.StoredAt >= BackupOrder.Latest(entries)?.StoredAt;
    }

    private static IEnumerable<BackupEntry> EntriesOf(Subject subject, bool beforeRot) => subject.Backups().Select(b => new BackupEntry
    {
        Name = b.Name,
        StoredSize = b.Object.Bytes.Length,
        StoredAt = b.Object.At,
        Metadata = subject.MetadataOf(b.Key, beforeRot),
    });

    private static IReadOnlyList<LogPath> PathsOf(Subject subject)
    {
        var (segments, anchors) = (new List<SegmentName>(), new List<AnchorName>());
        foreach (var name in subject.LogNames)
        {
            if (SegmentName.TryParse(name, out var segment))
            {
                segments.Add(segment);
            }
            else if (AnchorName.TryParse(name, out var anchor))
            {
                anchors.Add(anchor);
            }
        }

        // A service that read a document before it rotted goes by that.
        var log = new LogListing(segments, anchors, 0);
        return [.. LogPaths.Of(log, EntriesOf(subject, beforeRot: false)), .. LogPaths.Of(log, EntriesOf(subject, beforeRot: true))];
    }

    private static bool IsHarmed(Subject subject, SegmentName segment) =>
        subject.Store.Objects[subject.LogKeyOf(segment.ToString())].IsRotten;

    private static string? Difference(Subject subject, LogPath path, Content from)
    {
        var events = path.Segments.SelectMany(s => Events(subject, s))
            .Where(e => e.ModRevision > from.Revision && e.ModRevision <= path.Last).ToList();
        if (!events.Select(e => e.ModRevision).SequenceEqual(Enumerable.Range(1, events.Count).Select(i => from.Revision + i)) ||
            events is not [.., var last] || last.ModRevision != path.Last)
        {
            return $"not every revision is there: {string.Join(", ", events.Select(e => e.ModRevision).Take(20))}";
        }

        string? difference = $"it never had {last}";
        foreach (var to in subject.Etcd.At(path.Last).TakeWhile(_ => difference is not null))
        {
            difference = SimComparison.Difference(subject.Etcd, from, to, events);
        }

        return difference;
    }

    private static List<KeyValue> Events(Subject subject, SegmentName segment) =>
        Decoded.GetValue(subject.Store.Objects[subject.LogKeyOf(segment.ToString())].Bytes, stored =>
        {
            // Nothing waits here: it is all in memory.
            var read = ReadAsync(stored, segment.Encoding);
            return SimComparison.EventsOf(
                read.IsCompleted ? read.GetAwaiter().GetResult() : throw new InvalidOperationException("it waits"));
        });

    private static async Task<byte[]> ReadAsync(byte[] stored, BackupEncoding encoding)
    {
        await using var opened = await StoredBackup.OpenAsync(new MemoryStream(stored), encoding, new AgeFiles("", ""), default);
        using var bytes = new MemoryStream();
        await opened.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
