using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using EtcdBackup.Kubernetes.Watching;
using EtcdBackup.Testing;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace EtcdBackup.Kubernetes.Tests.Watching;

/// <summary>What a real API server cannot be made to do on command; beside them <see cref="ControllerTests"/> with the real one.</summary>
public sealed class InformerTests : IDisposable
{
    private readonly Server _server = new();
    private readonly ConcurrentQueue<string> _changed = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Informer<Thing> _informer;

    public InformerTests()
    {
        _informer = new Informer<Thing>(_server, t => _changed.Enqueue(t.Name), TimeProvider.System, NullLogger.Instance);
        _ = _informer.RunAsync(_stop.Token);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_list_and_then_a_watch_tell_each_change_once()
    {
        await _server.ListAsync("1", new Thing("a", "1"));
        await _server.SendAsync(WatchEventType.Added, new Thing("b", "2"));
        await _server.SendAsync(WatchEventType.Modified, new Thing("b", "2"));
        await _server.SendAsync(WatchEventType.Bookmark, new Thing("", "5"));
        await _server.SendAsync(WatchEventType.Deleted, new Thing("a", "6"));
        await UntilChangedAsync("a", "b", "a");
        Assert.Equal(["b"], _informer.Items.Select(i => i.Name));
    }

    [Fact]
    public async Task After_410_it_lists_again_and_tells_what_the_watch_missed()
    {
        await _server.ListAsync("1", new Thing("a", "1"), new Thing("gone", "1"), new Thing("same", "1"));
        await UntilChangedAsync("a", "gone", "same");
        await _server.FailAsync(new KubernetesException(new V1Status { Code = 410, Reason = "Expired" }));
        await _server.ListAsync("9", new Thing("a", "8"), new Thing("new", "9"), new Thing("same", "1"));
        await UntilChangedAsync("a", "gone", "same", "gone", "a", "new");
        Assert.Null(_informer.Find("gone"));
    }

    [Fact]
    public async Task A_watch_that_ends_goes_on_from_where_it_stood_without_a_list()
    {
        await _server.ListAsync("1");
        await _server.SendAsync(WatchEventType.Added, new Thing("a", "7"));
        await UntilChangedAsync("a");
        await _server.EndAsync();
        await Workspace.UntilAsync(() => Task.FromResult(_server.WatchedFrom.LastOrDefault() == "7"), "a watch from 7");
        Assert.Equal(1, _server.Lists);
    }

    [Fact]
    public async Task A_refusal_is_told_and_what_is_known_stays()
    {
        await _server.ListAsync("1", new Thing("a", "1"));
        await UntilChangedAsync("a");
        var forbidden = new HttpOperationException
        {
            Response = new HttpResponseMessageWrapper(
            new HttpResponseMessage(HttpStatusCode.Forbidden), "no")
        };
        await _server.FailAsync(forbidden);
        await _server.FailListAsync(forbidden);
        await Workspace.UntilAsync(
            () => Task.FromResult(_informer.Problem?.Contains("may not list or watch things", StringComparison.Ordinal) is true),
            "the problem is told");
        Assert.NotNull(_informer.Find("a"));
        await _server.ListAsync("2", new Thing("a", "1"));
        await Workspace.UntilAsync(() => Task.FromResult(_informer.Problem is null), "and over");
    }

    private Task UntilChangedAsync(params string[] names) =>
        Workspace.UntilAsync(
        () => Task.FromResult(
        _changed.Count >= names.Length &&
        (_changed.SequenceEqual(names) ? true : throw new InvalidOperationException(string.Join(' ', _changed)))), string.Join(' ', names));

    internal sealed record Thing(string Name, string Version);

    // Answers come when the test gives them.
    private sealed class Server : IListWatch<Thing>
    {
        private readonly Channel<Func<(IReadOnlyList<Thing>, string)>> _lists = Channel.CreateUnbounded<Func<(
            IReadOnlyList<Thing>, string)>>();
        private readonly Channel<Func<(WatchEventType, Thing)?>> _events = Channel.CreateUnbounded<Func<(WatchEventType, Thing)?>>();

        public string What => "things";

        public int Lists { get; private set; }

        public ConcurrentQueue<string> WatchedFrom { get; } = new();

        public ValueTask ListAsync(string version, params Thing[] things) => _lists.Writer.WriteAsync(() => (things, version));

        public ValueTask FailListAsync(Exception e) => _lists.Writer.WriteAsync(() => throw e);

        public ValueTask SendAsync(WatchEventType type, Thing thing) => _events.Writer.WriteAsync(() => (type, thing));

        public ValueTask FailAsync(Exception e) => _events.Writer.WriteAsync(() => throw e);

        public ValueTask EndAsync() => _events.Writer.WriteAsync(() => null);

        public async Task<(IReadOnlyList<Thing> Items, string Version)> ListAsync(CancellationToken cancellationToken)
        {
            var answer = await _lists.Reader.ReadAsync(cancellationToken);
            Lists++;
            return answer();
        }

        public async IAsyncEnumerable<(WatchEventType Type, Thing Item)> WatchAsync(
            string version, TimeSpan timeout, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            WatchedFrom.Enqueue(version);
            while ((await _events.Reader.ReadAsync(cancellationToken))() is { } next)
            {
                yield return next;
            }
        }

        public string KeyOf(Thing item) => item.Name;

        public string VersionOf(Thing item) => item.Version;
    }
}
