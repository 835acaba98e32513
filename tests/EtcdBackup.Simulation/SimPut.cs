using System.Globalization;
using System.Text;
using EtcdBackup.Snapshots;
using Google.Protobuf;
using Mvccpb;

namespace EtcdBackup.Simulation;

/// <summary>A put, and all puts before it. A history branches where a cluster is restored.</summary>
/// <param name="Before">The put before it; null for the first.</param>
/// <param name="Key">The key.</param>
/// <param name="Revision">The revision.</param>
/// <param name="CreateRevision">That at which the key was created.</param>
/// <param name="Version">How often it was put.</param>
/// <param name="Content">The content that the cluster has with it: what was put.</param>
internal sealed record SimPut(SimPut? Before, byte Key, long Revision, long CreateRevision, long Version, int Content)
{
    private const int Keys = 3;

    private LastPut? _put;

    /// <summary>What etcd says of it.</summary>
    public LastPut Put => _put ??= LastPut.Of([Key], Revision, CreateRevision, Version, Value, 0)!;

    /// <summary>As a watch tells it.</summary>
    public KeyValue Told => new()
    {
        Key = ByteString.CopyFrom(Key),
        CreateRevision = CreateRevision,
        ModRevision = Revision,
        Version = Version,
        Value = ByteString.CopyFrom(Value),
    };

    private byte[] Value => Encoding.ASCII.GetBytes(Content.ToString(CultureInfo.InvariantCulture));

    /// <summary>The put that makes a content.</summary>
    public static SimPut After(SimPut? before, Content content)
    {
        var key = (byte)(content.Id % Keys);
        var last = before?.Find(key, content.Revision);
        return new SimPut(before, key, content.Revision, last?.CreateRevision ?? content.Revision, (last?.Version ?? 0) + 1, content.Id);
    }

    /// <summary>What a key was at a revision; null when it was not.</summary>
    public SimPut? Find(byte key, long revision)
    {
        for (var put = this; put is not null; put = put.Before)
        {
            if (put.Revision <= revision && put.Key == key)
            {
                return put;
            }
        }

        return null;
    }
}
