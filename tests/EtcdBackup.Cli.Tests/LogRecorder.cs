using EtcdBackup.Snapshots.Log;
using EtcdBackup.Testing;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Mvccpb;

namespace EtcdBackup.Cli.Tests;

/// <summary>
/// Records what a watch of all keys tells, as segments. It begins one revision before: from a revision that is compacted, etcd 3.4 tells no
/// deletions, and says nothing of it.
/// </summary>
internal sealed class LogRecorder : IAsyncDisposable
{
    private static readonly SegmentOrigin Origin = new(1, "1", "base", default);

    private readonly GrpcChannel _channel;
    private readonly SegmentWriter _writer;
    private readonly Random _random;
    private readonly IReadOnlyList<long>? _seals;
    private readonly AsyncDuplexStreamingCall<WatchRequest, WatchResponse> _watch;
    private readonly Dictionary<long, long> _leases = [];
    private readonly Task _recording;

    private LogRecorder(EtcdServers etcd, long first, int seed, IReadOnlyList<long>? seals)
    {
        (_channel, _writer, _random, _seals) = (etcd.Channel(), new SegmentWriter(first), new Random(seed), seals);
        _watch = new Watch.WatchClient(_channel).Watch();
        _recording = RecordAsync(first);
    }

    /// <summary>The segments, one after the other.</summary>
    public List<SealedSegment> Segments { get; } = [];

    /// <summary>The last revision that was seen whole.</summary>
    public long LastRevision { get; private set; }

    /// <summary>Responses that came in parts.</summary>
    public int Fragments { get; private set; }

    /// <summary>The leases that were met, with their TTL.</summary>
    public IReadOnlyDictionary<long, long> Leases => _leases;

    /// <summary>Begins to watch at a revision.</summary>
    /// <param name="etcd">What is watched.</param>
    /// <param name="first">The revision.</param>
    /// <param name="seed">Decides where segments end.</param>
    /// <param name="seals">The revisions at which they end instead.</param>
    public static LogRecorder Start(EtcdServers etcd, long first, int seed, IReadOnlyList<long>? seals = null) =>
        new(etcd, first, seed, seals);

    /// <summary>Waits until it has all up to a revision: what is compacted is told to nobody any more.</summary>
    public Task UntilAsync(long revision) => Workspace.UntilAsync(
        () => _recording.IsFaulted ? throw _recording.Exception : Task.FromResult(LastRevision >= revision), "the watch tells all");

    /// <summary>Waits until it has all up to a revision, and writes it.</summary>
    public async Task WriteAsync(long last, string path)
    {
        await UntilAsync(last);
        await DisposeAsync();
        Seal();
        await File.WriteAllBytesAsync(path, [.. Segments.SelectMany(s => s.Bytes)]);
    }

    public async ValueTask DisposeAsync()
    {
        _watch.Dispose();
        await _recording.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _channel.Dispose();
    }

    private async Task RecordAsync(long first)
    {
        var all = ByteString.CopyFrom(0);
        await _watch.RequestStream.WriteAsync(new WatchRequest
        {
            CreateRequest = new WatchCreateRequest
            {
                Key = all,
                RangeEnd = all,
                StartRevision = Math.Max(1, first - 1),
                Fragment = true,
                ProgressNotify = true,
            },
        });
        await foreach (var response in _watch.ResponseStream.ReadAllAsync())
        {
            Assert.False(response.Canceled, response.CancelReason);
            _writer.BeginBatch(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
            var events = response.Events.Where(e => e.Kv.ModRevision >= first).ToArray();
            foreach (var one in events)
            {
                _writer.Add(one.Type == Event.Types.EventType.Delete, one.Kv.ToByteArray());
            }

            foreach (var lease in events.Select(e => e.Kv.Lease).Where(l => l != 0).Distinct())
            {
                await AskAsync(lease);
            }

            _writer.EndBatch(response.Fragment);
            Fragments += response.Fragment ? 1 : 0;
            if (!_writer.IsUnfinished && !_writer.IsEmpty && (_seals?.Contains(_writer.LastRevision) ?? _random.Next(4) == 0))
            {
                Seal();
            }

            LastRevision = _writer.LastRevision;
        }
    }

    private async Task AskAsync(long id)
    {
        if (!_leases.ContainsKey(id))
        {
            var lease = await new Lease.LeaseClient(_channel).LeaseTimeToLiveAsync(new LeaseTimeToLiveRequest { ID = id });

            // One that ended meanwhile has none.
            if (lease.TTL >= 0)
            {
                _leases[id] = lease.GrantedTTL;
                _writer.AddLease(new LeaseTtl(id, lease.GrantedTTL));
            }
        }
    }

    private void Seal()
    {
        if (!_writer.IsEmpty)
        {
            Segments.Add(_writer.Finish(Origin with { Before = Segments.Count > 0 ? Segments[^1].Sha256 : [] }));
        }
    }
}
