using System.Globalization;
using System.Text;
using Etcdserverpb;
using EtcdBackup.Testing;
using Google.Protobuf;

namespace EtcdBackup.Cli.Tests;

/// <summary>
/// Random writes to a real etcd: puts, deletions of one key and of ranges, transactions of several keys, leases that are granted, used and
/// revoked. Few keys, so that each is put and deleted again and again.
/// </summary>
internal sealed class RandomHistory(EtcdServers etcd, int seed) : IDisposable
{
    private const int Keys = 12;
    private static readonly ByteString All = ByteString.CopyFrom(0);

    private readonly Grpc.Net.Client.GrpcChannel _channel = etcd.Channel();
    private readonly Random _random = new(seed);
    private readonly List<long> _leases = [];

    // Two histories of one cluster have leases of their own.
    private long _nextLease = (seed + 1) * 0x1000L;

    public void Dispose() => _channel.Dispose();

    /// <summary>Does so many random things.</summary>
    public async Task WriteAsync(int count)
    {
        var (kv, lease) = (new KV.KVClient(_channel), new Lease.LeaseClient(_channel));
        for (var i = 0; i < count; i++)
        {
            switch (_random.Next(10))
            {
                case 0:
                    await kv.DeleteRangeAsync(new DeleteRangeRequest { Key = Key() });
                    break;
                case 1:
                    var from = _random.Next(Keys);
                    await kv.DeleteRangeAsync(new DeleteRangeRequest { Key = Key(from), RangeEnd = Key(from + 1 + _random.Next(4)) });
                    break;
                case 2 or 3:
                    await kv.TxnAsync(Transaction());
                    break;
                case 4:
                    _leases.Add(_nextLease);
                    await lease.LeaseGrantAsync(new LeaseGrantRequest { ID = _nextLease, TTL = SecondsOf(_nextLease++) });
                    break;
                case 5 when _leases.Count > 2:
                    var ended = _leases[_random.Next(_leases.Count)];
                    _leases.Remove(ended);
                    await lease.LeaseRevokeAsync(new LeaseRevokeRequest { ID = ended });
                    break;
                default:
                    await kv.PutAsync(Put(_random.Next(Keys)));
                    break;
            }
        }
    }

    /// <summary>All that a client sees of each key: now, or as it was at a revision.</summary>
    public static async Task<IReadOnlyList<Mvccpb.KeyValue>> ReadAsync(EtcdServers etcd, long revision = 0)
    {
        using var channel = etcd.Channel();
        return [.. (await new KV.KVClient(channel).RangeAsync(
            new RangeRequest { Key = All, RangeEnd = All, Revision = revision })).Kvs];
    }

    /// <summary>The TTL that a lease is granted with.</summary>
    public static long SecondsOf(long lease) => 36_000 + (lease % 1000);

    /// <summary>The leases that exist.</summary>
    public static async Task<IReadOnlyList<long>> LeasesAsync(EtcdServers etcd)
    {
        using var channel = etcd.Channel();
        return [.. (await new Lease.LeaseClient(channel).LeaseLeasesAsync(new LeaseLeasesRequest())).Leases.Select(l => l.ID)];
    }

    // A transaction may put no key twice.
    private TxnRequest Transaction()
    {
        var transaction = new TxnRequest();
        foreach (var key in Enumerable.Range(0, Keys).OrderBy(_ => _random.Next()).Take(1 + _random.Next(5)))
        {
            transaction.Success.Add(_random.Next(3) == 0
                ? new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = Key(key) } }
                : new RequestOp { RequestPut = Put(key) });
        }

        return transaction;
    }

    private PutRequest Put(int key)
    {
        var value = new byte[_random.Next(8) switch { 0 => _random.Next(150_000), 1 => 0, _ => _random.Next(60) }];
        _random.NextBytes(value);
        return new PutRequest
        {
            Key = Key(key),
            Value = ByteString.CopyFrom(value),
            Lease = _leases.Count > 0 && _random.Next(3) == 0 ? _leases[_random.Next(_leases.Count)] : 0,
        };
    }

    private ByteString Key() => Key(_random.Next(Keys));

    // Some are no text.
    private static ByteString Key(int number) => ByteString.CopyFrom(
    [
        .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/k/{number:d2}")),
        .. number % 3 == 0 ? [0, 0xFF] : ""u8,
    ]);
}
