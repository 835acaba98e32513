using System.Globalization;
using System.Security.Cryptography;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Snapshots;
using EtcdBackup.Snapshots.Log;
using Mvccpb;

namespace EtcdBackup.ChangeLog;

/// <summary>Finds where the change log of a cluster goes on, or begins a new stream.</summary>
/// <param name="catalogs">The stores.</param>
/// <param name="spec">The cluster's spec.</param>
/// <param name="random">For the names of streams.</param>
internal sealed class LogBeginning(BackupCatalogs catalogs, ClusterSpec spec, Random random)
{
    // Streams that were found broken are not gone on with.
    private readonly HashSet<string> _ended = [];

    /// <summary>A stream cannot go on.</summary>
    public void End(string stream) => _ended.Add(stream);

    /// <summary>Finds the place.</summary>
    /// <param name="latest">The latest backup.</param>
    /// <param name="backups">All backups.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<LogPosition> FindAsync(
        BackupEntry latest, IEnumerable<BackupEntry> backups, CancellationToken cancellationToken)
    {
        var store = await LogStore.OfAsync(catalogs, spec, cancellationToken);
        var log = await store.ListAsync(cancellationToken);
        var ended = log.Anchors.Where(a => a.Kind != AnchorKind.Base).Select(a => a.Stream);
        var path = LogPaths.Of(log, backups)
            .Where(p => p.Base.Incarnation == latest.Incarnation && !_ended.Contains(p.Stream) && !ended.Contains(p.Stream))
            .MaxBy(p => (p.Last, p.Base.Revision));
        return path is null ? await AtAsync(latest, Lineage.NewTag(random), isNew: true, cancellationToken)
            : path.Segments is [.., var last] ? await TryAfterAsync(store, path, last, cancellationToken)
            : await AtAsync(path.Base, path.Stream, isNew: false, cancellationToken);
    }

    private async Task<LogPosition> AtAsync(BackupEntry backup, string stream, bool isNew, CancellationToken cancellationToken)
    {
        var metadata = backup.Metadata!;
        var mark = new RevisionMark(backup.Revision, null, await catalogs.LastPutOfAsync(backup, cancellationToken));
        var anchor = new AnchorName(backup.Revision, stream, metadata.Sha256[..AnchorName.Sha256Digits], AnchorKind.Base);
        return new LogPosition(
            stream, IdOf(metadata.Lineage.ClusterId), backup.Incarnation, backup.Name.ToString(), [], mark,
            (metadata.Position.RaftTerm, metadata.Position.RaftIndex))
        {
            Anchor = isNew ? anchor : null,
        };
    }

    private async Task<LogPosition> TryAfterAsync(
        LogStore store, LogPath path, SegmentName last, CancellationToken cancellationToken)
    {
        try
        {
            return await AfterAsync(store, path, last, cancellationToken);
        }
        catch (Exception e) when (e is EncodingException or ChangeLogException)
        {
            End(path.Stream);
            throw new LogBrokenException($"a segment of stream {path.Stream} is damaged, and it cannot go on: {e.Message}", e)
            {
                End = AnchorName.EndOf(path.Stream, last.First - 1),
            };
        }
    }

    private async Task<LogPosition> AfterAsync(LogStore store, LogPath path, SegmentName last, CancellationToken cancellationToken)
    {
        var bytes = await store.ReadAsync(last, cancellationToken);
        using var stream = new MemoryStream(bytes);
        using var reader = new ChangeReader(stream);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        LastPut? put = null;
        byte[]? deleted = null;
        while (reader.NextBatch())
        {
            while (reader.NextEvent())
            {
                (put, deleted) = reader.IsDelete ? (put, reader.KeyValue.ToArray()) : (LastPut.Read(reader.KeyValue.ToArray()), null);
                if (reader.Main == last.Last && !reader.IsDelete)
                {
                    RevisionMark.Append(digest, reader.KeyValue);
                }
            }
        }

        var header = reader.Header!;
        var chain = header.StandsFor.IsEmpty ? SHA256.HashData(bytes) : header.StandsFor.ToArray();
        put ??= await EarlierPutAsync(store, path, cancellationToken);
        if (deleted is not null)
        {
            put = RevisionMark.WithDeletion(put, isDeletion: true, KeyValue.Parser.ParseFrom(deleted).Key.Span, last.Last);
        }

        return new LogPosition(
            last.Stream, header.ClusterId, path.Base.Incarnation, header.Base, chain,
            new RevisionMark(last.Last, digest.GetCurrentHash(), put), (last.RaftTerm, last.RaftIndex));
    }

    // The last segment may hold deletions alone: then what was put before them tells the history, and they do.
    private async Task<LastPut?> EarlierPutAsync(LogStore store, LogPath path, CancellationToken cancellationToken)
    {
        foreach (var segment in path.Segments.Reverse().Skip(1))
        {
            using var stream = new MemoryStream(await store.ReadAsync(segment, cancellationToken));
            using var reader = new ChangeReader(stream);
            LastPut? put = null;
            while (reader.NextBatch())
            {
                while (reader.NextEvent())
                {
                    put = reader.IsDelete ? put : LastPut.Read(reader.KeyValue.ToArray());
                }
            }

            if (put is not null)
            {
                return put;
            }
        }

        return await catalogs.LastPutOfAsync(path.Base, cancellationToken);
    }

    private static ulong IdOf(string clusterId) => ulong.Parse(clusterId, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
