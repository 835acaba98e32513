using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Snapshots.Log;
using EtcdBackup.Stores;

namespace EtcdBackup.ChangeLog;

/// <summary>A backup and the segments that go on from it, as local files.</summary>
internal sealed class LogFiles : IDisposable
{
    private const int BlockSize = 256 * 1024;

    private readonly LocalCopy _base;
    private readonly ScratchFile? _changes;

    private LogFiles(LocalCopy copy, ScratchFile? changes) => (_base, _changes) = (copy, changes);

    /// <summary>The backup.</summary>
    public string Base => _base.Path;

    /// <summary>A file of the segments one after the other, uncompressed; none if there are none.</summary>
    public IReadOnlyList<string> Changes => _changes is null ? [] : [_changes.Path];

    /// <summary>Gets them.</summary>
    /// <exception cref="IOException">They cannot be read. <see cref="FileNotFoundException"/>: one of them is gone.</exception>
    /// <exception cref="EncodingException">The backup is damaged.</exception>
    /// <exception cref="BackupKeyException">No key opens them.</exception>
    /// <exception cref="ChangeLogException">A segment is damaged.</exception>
    public static async Task<LogFiles> GetAsync(
        BackupCatalogs catalogs, ClusterSpec spec, LogPath path, CancellationToken cancellationToken)
    {
        var catalog = await catalogs.ForAsync(spec, cancellationToken);
        var copy = await catalog.GetLocalAsync(path.Base.Name, _ => ValueTask.CompletedTask, cancellationToken);
        try
        {
            return new LogFiles(copy, await ChangesAsync(catalogs, spec, path.Segments, cancellationToken));
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _changes?.Dispose();
        _base.Dispose();
    }

    private static async Task<ScratchFile?> ChangesAsync(
        BackupCatalogs catalogs, ClusterSpec spec, IReadOnlyList<SegmentName> segments, CancellationToken cancellationToken)
    {
        if (segments.Count == 0)
        {
            return null;
        }

        var store = await LogStore.OfAsync(catalogs, spec, cancellationToken);
        var changes = await catalogs.VerifyScratch.CreateAsync(segments.Sum(s => (long)s.Size), cancellationToken);
        try
        {
            var buffer = new byte[BlockSize];
            foreach (var segment in segments)
            {
                await using var bytes = await store.OpenAsync(segment, cancellationToken);
                for (int count; (count = await bytes.ReadAsync(buffer, cancellationToken)) > 0;)
                {
                    await changes.AppendAsync(buffer.AsMemory(0, count), cancellationToken);
                }
            }

            return changes;
        }
        catch (EncodingException e)
        {
            changes.Dispose();
            throw new ChangeLogException($"a segment of revisions {segments[0].First} to {segments[^1].Last} is damaged: {e.Message}", e);
        }
        catch
        {
            changes.Dispose();
            throw;
        }
    }
}
