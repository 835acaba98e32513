using System.Globalization;
using Etcdserverpb;
using Google.Protobuf;

namespace EtcdBackup.Testing;

/// <content>What is written into it and read from it.</content>
public sealed partial class EtcdServers
{
    /// <summary>Raises an alarm of a member.</summary>
    public async Task AlarmAsync(AlarmType alarm, int member = 0)
    {
        using var channel = Channel();
        await new Maintenance.MaintenanceClient(channel).AlarmAsync(
            new AlarmRequest { Action = AlarmRequest.Types.AlarmAction.Activate, MemberID = MemberId(member), Alarm = alarm });
    }

    /// <summary>Writes keys <c>PREFIX/0</c> … with values of so many bytes.</summary>
    public async Task PutAsync(string prefix, int count, int valueBytes = 16, int seed = 1)
    {
        using var channel = Channel();
        var client = new KV.KVClient(channel);
        var random = new Random(seed);
        var value = new byte[valueBytes];
        for (var i = 0; i < count; i++)
        {
            random.NextBytes(value);
            await client.PutAsync(
                new PutRequest
                {
                    Key = ByteString.CopyFromUtf8(string.Create(CultureInfo.InvariantCulture, $"{prefix}/{i}")),
                    Value = ByteString.CopyFrom(value)
                });
        }
    }

    /// <summary>Writes so many small keys, a hundred in a transaction.</summary>
    public async Task PutManyAsync(string prefix, int count, int valueBytes = 16)
    {
        using var channel = Channel();
        var client = new KV.KVClient(channel);
        var random = new Random(1);
        var value = new byte[valueBytes];
        foreach (var chunk in Enumerable.Range(0, count).Chunk(100))
        {
            var transaction = new TxnRequest();
            foreach (var i in chunk)
            {
                random.NextBytes(value);
                transaction.Success.Add(
                    new RequestOp
                    {
                        RequestPut =
                    new PutRequest { Key = ByteString.CopyFromUtf8($"{prefix}/{i}"), Value = ByteString.CopyFrom(value) }
                    });
            }

            await client.TxnAsync(transaction);
        }
    }

    /// <summary>All keys with their values and revisions, as text to compare.</summary>
    public async Task<string> DumpAsync()
    {
        using var channel = Channel();
        var range = await new KV.KVClient(channel)
            .RangeAsync(new RangeRequest { Key = ByteString.CopyFrom(0), RangeEnd = ByteString.CopyFrom(0) });
        return string.Join('\n',
            range.Kvs.Select(kv =>
            $"{kv.Key.ToStringUtf8()} {kv.CreateRevision} {kv.ModRevision} {kv.Version} {Convert.ToHexString(
            System.Security.Cryptography.SHA256.HashData(kv.Value.Span))}"));
    }
}
