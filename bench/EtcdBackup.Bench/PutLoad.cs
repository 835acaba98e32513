using System.Diagnostics;
using System.Globalization;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Net.Client;
using Mvccpb;

namespace EtcdBackup.Bench;

/// <summary>A put that etcd has confirmed.</summary>
internal readonly record struct Acknowledged(DateTimeOffset At, long Revision);

/// <summary>Puts of random values, so many a second, by writers that each wait for their answer.</summary>
internal sealed class PutLoad(string endpoint, int perSecond, int writers, int valueBytes)
{
    private const int KeysOfWriter = 100;

    private readonly Dictionary<ByteString, KeyValue>[] _written =
        [.. Enumerable.Range(0, writers).Select(_ => new Dictionary<ByteString, KeyValue>())];

    private readonly Lock _lock = new();

    /// <summary>Seconds that each put of the last run took.</summary>
    public List<double> Seconds { get; } = [];

    /// <summary>Bytes of the events of all runs, as <c>KeyValue</c>.</summary>
    public long EventBytes { get; private set; }

    /// <summary>The puts of the last run.</summary>
    public List<Acknowledged> Puts { get; } = [];

    /// <summary>Seconds within which 99 of 100 puts were answered.</summary>
    public double P99 => Seconds.Order().ElementAt(Seconds.Count * 99 / 100);

    /// <summary>Writes until it is cancelled, or until etcd is gone.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Seconds.Clear();
        Puts.Clear();
        using var channel = GrpcChannel.ForAddress(endpoint);
        var client = new KV.KVClient(channel);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(() => WriteAsync(client, w, watch, cancellationToken))));
    }

    private async Task WriteAsync(KV.KVClient client, int writer, Stopwatch watch, CancellationToken cancellationToken)
    {
        for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
        {
            var due = TimeSpan.FromSeconds((((double)i * writers) + writer) / perSecond) - watch.Elapsed;
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, CancellationToken.None);
            }

            var key = ByteString.CopyFromUtf8(
                string.Create(CultureInfo.InvariantCulture, $"/bench/objects/{writer:000}/{i % KeysOfWriter:000}"));
            var value = new byte[valueBytes];
            Random.Shared.NextBytes(value);
            var began = watch.Elapsed;
            try
            {
                var answer = await client.PutAsync(
                    new PutRequest { Key = key, Value = UnsafeByteOperations.UnsafeWrap(value) },
                    cancellationToken: CancellationToken.None);
                Add(writer, key, value.Length, answer.Header.Revision, (watch.Elapsed - began).TotalSeconds);
            }
            catch (Grpc.Core.RpcException)
            {
                return;
            }
        }
    }

    private void Add(int writer, ByteString key, int length, long revision, double seconds)
    {
        var written = _written[writer];
        var kv = written.TryGetValue(key, out var before) ? before : new KeyValue { Key = key, CreateRevision = revision };
        (kv.ModRevision, kv.Version) = (revision, kv.Version + 1);
        written[key] = kv;

        // The value with its tag and length, beside the other fields.
        var size = kv.CalculateSize() + 1 + CodedOutputStream.ComputeLengthSize(length) + length;
        lock (_lock)
        {
            Seconds.Add(seconds);
            Puts.Add(new Acknowledged(DateTimeOffset.UtcNow, revision));
            EventBytes += size;
        }
    }
}
