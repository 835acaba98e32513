using System.Globalization;
using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Snapshots.Log;
using Mvccpb;

namespace EtcdBackup.Simulation;

/// <summary>Compares a simulated backup and the real segments after it with a later backup.</summary>
internal sealed class SimComparison(World world, Func<ClusterKey, SimEtcd> etcds, BackupCatalogs catalogs) : ILogComparison
{
    public async Task<string?> CompareAsync(
        ClusterSpec spec, LogPath path, BackupEntry taken, CancellationToken cancellationToken)
    {
        await world.DelayAsync(10, 2_000);
        var store = await LogStore.OfAsync(catalogs, spec, cancellationToken);
        var events = new List<(long Revision, int Content)>();
        try
        {
            var (from, to) = (await ReadAsync(spec, path.Base, cancellationToken), await ReadAsync(spec, taken, cancellationToken));
            foreach (var segment in path.Segments)
            {
                events.AddRange(EventsOf(await store.ReadAsync(segment, cancellationToken)));
            }

            return Difference(etcds(spec.Key), from, to, events);
        }
        catch (Exception e) when (e is ChangeLogException or EncodingException)
        {
            return e.Message;
        }
    }

    /// <summary>The revisions of a segment, and what was put at each.</summary>
    /// <exception cref="ChangeLogException">It is damaged.</exception>
    public static List<(long Revision, int Content)> EventsOf(byte[] segment)
    {
        using var stream = new MemoryStream(segment);
        using var reader = new ChangeReader(stream);
        var events = new List<(long Revision, int Content)>();
        while (reader.NextBatch())
        {
            while (reader.NextEvent())
            {
                var put = KeyValue.Parser.ParseFrom(reader.KeyValue);
                events.Add((reader.Main, int.Parse(put.Value.ToStringUtf8(), CultureInfo.InvariantCulture)));
            }
        }

        return events;
    }

    /// <summary>Whether a backup, and what came after it, give a content that the cluster had.</summary>
    /// <returns>What differs; null if nothing does.</returns>
    public static string? Difference(SimEtcd etcd, Content from, Content to, List<(long Revision, int Content)> events)
    {
        var put = etcd.PutsOf(to.Id);
        foreach (var (revision, content) in events.Where(e => e.Revision > from.Revision && e.Revision <= to.Revision).Reverse())
        {
            if (put is null || (put.Revision, put.Content) != (revision, content))
            {
                return $"revision {revision} was recorded as {content}, and it was {put?.Content} at revision {put?.Revision}";
            }

            put = put.Before;
        }

        return put == etcd.PutsOf(from.Id) ? null : $"revision {put?.Revision} is missing after {from}";
    }

    private async Task<Content> ReadAsync(ClusterSpec spec, BackupEntry backup, CancellationToken cancellationToken)
    {
        var store = await catalogs.StoreOfAsync(spec, cancellationToken);
        await using var stream = await store.OpenAsync($"v1/{spec.Key.Namespace}/{spec.Key.Name}/{backup.Name}", cancellationToken);
        var bytes = ((MemoryStream)stream).ToArray();
        return bytes[0] == (byte)'e' ? SimSnapshot.Read(bytes).Content! : throw new EncodingException($"{backup.Name} is damaged");
    }
}
