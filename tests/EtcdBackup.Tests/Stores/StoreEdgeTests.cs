using System.Xml;
using EtcdBackup.Encodings;
using EtcdBackup.Secrets;
using EtcdBackup.Stores;
using EtcdBackup.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EtcdBackup.Tests.Stores;

public class StoreEdgeTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();

    public static TheoryData<string> Calls => [.. StoreCalls.All];

    public static TheoryData<Exception> Failures =>
    [
        new XmlException("no XML"), new UnauthorizedAccessException("no"), new ArgumentException("what?"), new IOException("broken"),
        new System.Net.Sockets.SocketException(111), new TaskCanceledException("the SDK's own limit"), new InvalidOperationException(),
        new TimeoutException("the SDK's own limit"), new AggregateException(new IOException("twice")),
    ];

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_that_is_never_answered_is_given_up_and_told(string call)
    {
        var store = Edge(Hooked(call, () => new TaskCompletionSource().Task));
        var e = await Assert.ThrowsAsync<StoreException>(() => PassAsync(StoreCalls.AskAsync(store, call, CancellationToken.None)));
        Assert.Matches("^the store brought nothing for 30+ s when asked for .*(cluster|check|leftovers).*Look whether", e.Message);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_that_blocks_its_thread_is_given_up_too(string call)
    {
        using var end = new ManualResetEventSlim();
        var store = Edge(Hooked(call, () =>
        {
            end.Wait();
            return Task.CompletedTask;
        }));
        await Assert.ThrowsAsync<StoreException>(() => PassAsync(StoreCalls.AskAsync(store, call, CancellationToken.None)));
        end.Set();
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Whatever_fails_is_told_as_the_stores_error_with_its_cause(Exception cause)
    {
        foreach (var call in StoreCalls.All)
        {
            var e = await Assert.ThrowsAsync<StoreException>(() =>
                StoreCalls.AskAsync(Edge(Hooked(call, () => Task.FromException(cause))), call, CancellationToken.None));
            Assert.Same(cause, e.InnerException);
        }
    }

    [Fact]
    public async Task A_full_disk_is_told_as_such()
    {
        var store = Edge(Hooked("Write", () => Task.FromException(new IOException("No space left on device", 28))));
        await Assert.ThrowsAsync<StoreFullException>(() => StoreCalls.AskAsync(store, "Write", CancellationToken.None));
    }

    [Fact]
    public async Task The_stores_own_errors_stay_what_they_are()
    {
        (string Call, Exception Cause)[] known =
        [
            ("Delete", new DeleteRefusedException("no")), ("Open", new FileNotFoundException("gone")),
            ("Delete", new UploadGoneException("gone")),
        ];
        foreach (var (call, cause) in known)
        {
            var e = await Assert.ThrowsAnyAsync<Exception>(() =>
                StoreCalls.AskAsync(Edge(Hooked(call, () => Task.FromException(cause))), call, CancellationToken.None));
            Assert.Same(cause, e);
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_caller_that_gives_up_is_let_go(string call)
    {
        using var cancel = new CancellationTokenSource();
        var isAsked = new TaskCompletionSource();
        var asked = StoreCalls.AskAsync(
            Edge(Hooked(call, () =>
            {
                isAsked.SetResult();
                return new TaskCompletionSource().Task;
            })),
            call,
            cancel.Token);
        await isAsked.Task;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PassAsync(asked));
    }

    [Fact]
    public async Task A_slow_listing_goes_on_as_long_as_something_comes()
    {
        // 3 times 0.6 of the silence
        var asked = 0;
        var store = Edge(Hooked("List", async () =>
        {
            asked++;
            await Task.Delay(Silence * 0.6, _time);
        }));
        await PassAsync(StoreCalls.AskAsync(store, "List", CancellationToken.None), Silence / 60);
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task A_store_that_answers_nothing_at_all_is_asked_no_more()
    {
        using var asked = new SemaphoreSlim(0);
        var store = Edge(Hooked("Stat", () =>
        {
            asked.Release();
            return new TaskCompletionSource().Task;
        }));
        for (var i = 0; i < 128; i++)
        {
            await AskedInVainAsync(store.StatAsync($"v1/default/c{i % 16}/a", CancellationToken.None));
        }

        var e = await Assert.ThrowsAsync<StoreException>(() => store.StatAsync("v1/default/another/a", CancellationToken.None));
        Assert.Contains("128 calls", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, asked.CurrentCount);

        async Task AskedInVainAsync(Task one)
        {
            await asked.WaitAsync();
            await Assert.ThrowsAsync<StoreException>(() => PassAsync(one));
        }
    }

    [Fact]
    public async Task After_a_write_was_given_up_nothing_is_committed_and_the_rest_waits_for_it()
    {
        var write = new TaskCompletionSource();
        var inner = new HookedPending(method => method == "Append" ? write.Task : Task.CompletedTask);
        var store = Edge(new HookedStore(_ => Task.CompletedTask) { Pending = () => inner });
        var pending = await store.BeginAsync("v1", 1, CancellationToken.None);
        await Assert.ThrowsAsync<StoreException>(() => PassAsync(pending.AppendAsync(new byte[1], CancellationToken.None).AsTask()));
        await Assert.ThrowsAsync<StoreException>(() => pending.TryCommitAsync("name", CancellationToken.None));
        await pending.DisposeAsync();
        Assert.False(inner.IsDisposed);
        write.SetResult();
        await Workspace.UntilAsync(() => Task.FromResult(inner.IsDisposed), "what was begun is disposed");
    }

    [Fact]
    public async Task What_comes_after_its_caller_went_is_closed()
    {
        var late = new TaskCompletionSource();
        var inner = new HookedPending(_ => Task.CompletedTask);
        var store = Edge(new HookedStore(method => method == "Begin" ? late.Task : Task.CompletedTask) { Pending = () => inner });
        await Assert.ThrowsAsync<StoreException>(() => PassAsync(store.BeginAsync("v1", 1, CancellationToken.None)));
        late.SetResult();
        await Workspace.UntilAsync(() => Task.FromResult(inner.IsDisposed), "what was begun is disposed");
    }

    [Fact]
    public async Task A_read_that_comes_late_does_not_write_into_memory_that_serves_something_else()
    {
        var body = new LateStream();
        var store = Edge(new HookedStore(_ => Task.CompletedTask) { Content = () => body });
        await using var stream = await store.OpenAsync("v1/a", CancellationToken.None);
        var memory = new byte[10];
        await Assert.ThrowsAsync<StoreException>(() => PassAsync(stream.ReadAsync(memory).AsTask()));
        body.Come();
        Assert.Equal(new byte[10], memory);
        await Assert.ThrowsAsync<StoreException>(() => stream.ReadAsync(memory).AsTask());
    }

    [Fact]
    public async Task A_local_file_is_read_where_it_is_and_a_file_cut_short_is_no_end()
    {
        using var directory = new ScratchDirectory();
        var options = new StoreOptions(directory["volume"], directory["scratch"]);
        var stores = new StoreProvider(options, new MountedSecrets(""), TimeProvider.System, NullLoggerFactory.Instance);
        await StoreCalls.AskAsync(stores.Volume, "Commit", CancellationToken.None, size: 1000);
        var stream = await stores.Volume.OpenAsync(StoreCalls.Key, CancellationToken.None);
        using (var copy = await StoredBackup.GetLocalAsync(stream, stores.Scratch, _ => ValueTask.CompletedTask, CancellationToken.None))
        {
            Assert.Equal(directory["volume/" + StoreCalls.Key], copy.Path);
        }

        await using var cut = await stores.Volume.OpenAsync(StoreCalls.Key, CancellationToken.None);
        await File.WriteAllBytesAsync(directory["volume/" + StoreCalls.Key], new byte[10]);
        await Assert.ThrowsAsync<StoreException>(() => cut.CopyToAsync(Stream.Null));
    }

    private static HookedStore Hooked(string call, Func<Task> hook) => new(method => method == call ? hook() : Task.CompletedTask)
    {
        Pending = () => new HookedPending(method => method == call ? hook() : Task.CompletedTask),
    };

    private StoreEdge Edge(IBackupStore inner) =>
        new(inner, "the store", "store", new SilenceLimit("the store", Silence, _time), NullLogger.Instance);

    private async Task PassAsync(Task task, TimeSpan? step = null)
    {
        while (!task.IsCompleted)
        {
            _time.Advance(step ?? Silence);
            await Task.WhenAny(task, Task.Delay(5));
        }

        await task;
    }

    private sealed class LateStream() : ReadOnlyStream(100)
    {
        private readonly TaskCompletionSource<int> _come = new();
        private Memory<byte> _asked;

        public void Come()
        {
            _asked.Span.Fill(0xFF);
            _come.SetResult(_asked.Length);
        }

        protected override async ValueTask<int> ReadAtAsync(long position, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            _asked = buffer;
            return await _come.Task;
        }
    }
}
