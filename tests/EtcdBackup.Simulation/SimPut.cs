using System.Globalization;
using System.Text;
using EtcdBackup.Snapshots;
using Google.Protobuf;
using Mvccpb;

namespace EtcdBackup.Simulation;

/// <summary>A put or a deletion, and all changes before it. A history branches where a cluster is restored.</summary>
/// <param name="Before">The change before it; null for the first.</param>
/// <param name="Key">The key.</param>
/// <param name="Revision">The revision.</param>
/// <param name="CreateRevision">That at which the key was created; 0 for a deletion.</param>
/// <param name="Version">How often it was put; 0 for a deletion.</param>
/// <param name="Content">The content that the cluster has with it: what was put.</param>
internal sealed record SimPut(SimPut? Before, byte Key, long Revision, long CreateRevision, long Version, int Content)
{
    private const int Keys = 3;
    private const int DeletesEvery = 7;

    private LastPut? _put;

    public bool IsDeletion => Version == 0;

    /// <summary>What a snapshot says of the last put, and of the deletion after it.</summary>
    public LastPut? Last => IsDeletion
        ? Put(p => !p.IsDeletion) is { } put ? put with { Deleted = new LastDeletion([Key], Revision) } : null : AsPut;

    /// <summary>As a watch tells it.</summary>
    public KeyValue Told => IsDeletion ? new KeyValue { Key = ByteString.CopyFrom(Key), ModRevision = Revision } : new KeyValue
    {
        Key = ByteString.CopyFrom(Key),
        CreateRevision = CreateRevision,
        ModRevision = Revision,
        Version = Version,
        Value = ByteString.CopyFrom(Value),
    };

    private LastPut AsPut => _put ??= LastPut.Of([Key], Revision, CreateRevision, Version, Value, 0)!;

    private byte[] Value => Encoding.ASCII.GetBytes(Content.ToString(CultureInfo.InvariantCulture));

    /// <summary>The change that makes a content: now and then a key goes.</summary>
    public static SimPut After(SimPut? before, Content content)
    {
        var key = (byte)(content.Id % Keys);
        var last = before?.Newest(key, content.Revision);
        return last is { IsDeletion: false } && content.Id % DeletesEvery == 0 ? new SimPut(before, key, content.Revision, 0, 0, content.Id)
            : last is { IsDeletion: false }
                ? new SimPut(before, key, content.Revision, last.CreateRevision, last.Version + 1, content.Id)
                : new SimPut(before, key, content.Revision, content.Revision, 1, content.Id);
    }

    /// <summary>What a key was at a revision; null when it was not.</summary>
    public LastPut? Find(byte key, long revision) => Newest(key, revision) is { IsDeletion: false } put ? put.AsPut : null;

    private SimPut? Newest(byte key, long revision)
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

    private LastPut? Put(Func<SimPut, bool> which)
    {
        for (var put = this; put is not null; put = put.Before)
        {
            if (which(put))
            {
                return put.AsPut;
            }
        }

        return null;
    }
}
