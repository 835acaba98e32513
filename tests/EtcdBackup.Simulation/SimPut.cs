using System.Globalization;
using EtcdBackup.Snapshots;

namespace EtcdBackup.Simulation;

/// <summary>A put, and all puts before it. A history branches where a cluster is restored.</summary>
/// <param name="Before">The put before it; null for the first.</param>
/// <param name="Put">What etcd says of it.</param>
internal sealed record SimPut(SimPut? Before, LastPut Put)
{
    private const int Keys = 3;

    /// <summary>The put that makes a content.</summary>
    public static SimPut After(SimPut? before, Content content)
    {
        var key = new[] { (byte)(content.Id % Keys) };
        var last = before?.Find(key, content.Revision);
        return new SimPut(before, new LastPut(
            key, content.Revision, last?.CreateRevision ?? content.Revision, (last?.Version ?? 0) + 1,
            content.Id.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>What a key was at a revision; null when it was not.</summary>
    public LastPut? Find(byte[] key, long revision)
    {
        for (var put = this; put is not null; put = put.Before)
        {
            if (put.Put.Revision <= revision && put.Put.Key[0] == key[0])
            {
                return put.Put;
            }
        }

        return null;
    }
}
