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
        var events = new List<KeyValue>();
        try
        {
            var (from, to) = (await ReadAsync(spec, path.Base, cancellationToken), await ReadAsync(spec, taken, cancellationToken));
            foreach (var segment in path.Segments)
            {
                events.AddRange(EventsOf(await store.ReadAsync(segment, cancellationToken)));
            }

            return Difference(etcds(spec.Key), from, etcds(spec.Key).PutsOf(to.Id), events);
        }
        catch (Exception e) when (e is ChangeLogException or EncodingException)
        {
            return e.Message;
        }
    }

    /// <summary>The revisions of a segment, and what was put at each.</summary>
    /// <exception cref="ChangeLogException">It is damaged.</exception>
    public static List<KeyValue> EventsOf(byte[] segment)
    {
        using var stream = new MemoryStream(segment);
        using var reader = new ChangeReader(stream);
        var events = new List<KeyValue>();
        while (reader.NextBatch())
        {
            while (reader.NextEvent())
            {
                var change = KeyValue.Parser.ParseFrom(reader.KeyValue);
                change.ModRevision = reader.Main;
                events.Add(change);
            }
        }

        return events;
    }

    /// <summary>Whether a backup, and what came after it, give what the cluster had.</summary>
    /// <param name="etcd">The cluster.</param>
    /// <param name="from">The backup.</param>
    /// <param name="to">The change that it had at the end.</param>
    /// <param name="events">What came.</param>
    /// <returns>What differs; null if nothing does.</returns>
    public static string? Difference(SimEtcd etcd, Content from, SimPut to, List<KeyValue> events)
    {
        SimPut? at = to;
        foreach (var change in events.Where(e => e.ModRevision > from.Revision && e.ModRevision <= to.Revision).Reverse())
        {
            if (at is null || !change.Equals(at.Told))
            {
                return $"recorded was {change}, and it was {at?.Told}";
            }

            at = at.Before;
        }

        return at == etcd.PutsOf(from.Id) ? null : $"{at?.Told} is missing after {from}";
    }

    private async Task<Content> ReadAsync(ClusterSpec spec, BackupEntry backup, CancellationToken cancellationToken)
    {
        var store = await catalogs.StoreOfAsync(spec, cancellationToken);
        await using var stream = await store.OpenAsync($"v1/{spec.Key.Namespace}/{spec.Key.Name}/{backup.Name}", cancellationToken);
        var bytes = ((MemoryStream)stream).ToArray();
        return bytes[0] == (byte)'e' ? SimSnapshot.Read(bytes).Content! : throw new EncodingException($"{backup.Name} is damaged");
    }
}
