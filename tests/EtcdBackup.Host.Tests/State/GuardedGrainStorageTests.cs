using EtcdBackup.Host.State;
using EtcdBackup.Testing;
using Orleans.Storage;

namespace EtcdBackup.Host.Tests.State;

public class GuardedGrainStorageTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);
    private static readonly GrainId Id = GrainId.Create("kind", "key");

    private readonly Slow _inner = new();

    [Fact]
    public async Task A_driver_that_holds_its_thread_holds_not_that_of_who_writes_and_never_two()
    {
        var storage = Storage(Long);
        var writes = Enumerable.Range(0, 5).Select(_ => storage.WriteStateAsync("state", Id, new GrainState<List<string>>([]))).ToArray();
        Assert.DoesNotContain(writes, w => w.IsCompleted);
        _inner.Go.Set();
        await Task.WhenAll(writes);
        Assert.Equal(1, _inner.MostAtOnce);
        Assert.False(_inner.WasOnPoolThread);
    }

    [Fact]
    public async Task What_is_written_is_what_was_true_at_the_call_and_the_etag_is_known_after_it()
    {
        var state = new GrainState<List<string>>(["before"], "1");
        var write = Storage(Long).WriteStateAsync("state", Id, state);
        state.State!.Add("after");
        _inner.Go.Set();
        await write;
        Assert.Equal(["before"], (List<string>)_inner.Written!);
        Assert.Equal(["before", "after"], state.State);
        Assert.Equal(("2", true), (state.ETag, state.RecordExists));
    }

    [Fact]
    public async Task A_read_that_was_given_up_overwrites_nothing_when_its_answer_comes()
    {
        var state = new GrainState<List<string>>(["mine"]);
        var storage = Storage(Short);
        await Assert.ThrowsAsync<TimeoutException>(() => storage.ReadStateAsync("state", Id, state));
        _inner.Go.Set();
        await Storage(Long).ReadStateAsync("state", Id, new GrainState<List<string>>([]));
        await _inner.AllEndedAsync(2);
        Assert.Equal(["mine"], state.State);
        Assert.Null(state.ETag);
    }

    [Fact]
    public async Task A_write_that_was_given_up_and_came_true_late_is_known_to_the_next_one()
    {
        var state = new GrainState<List<string>>([], "1");
        var late = await Assert.ThrowsAsync<TimeoutException>(() => Storage(Short).WriteStateAsync("state", Id, state));
        Assert.Contains("did not answer", late.Message, StringComparison.Ordinal);
        Assert.Equal("1", state.ETag);
        _inner.Go.Set();
        await Workspace.UntilAsync(() => Task.FromResult(state.ETag == "2"), "the etag is taken over");
    }

    [Fact]
    public async Task Who_finds_the_store_busy_for_all_his_time_is_told_so_and_nothing_of_his_is_written()
    {
        var storage = Storage(Short);
        var first = storage.WriteStateAsync("state", Id, new GrainState<List<string>>(["first"]));
        await Workspace.UntilAsync(() => Task.FromResult(_inner.MostAtOnce == 1), "the first is under way");
        await Assert.ThrowsAsync<TimeoutException>(() => storage.WriteStateAsync("state", Id, new GrainState<List<string>>(["second"])));
        await Assert.ThrowsAsync<TimeoutException>(() => first);
        await Task.Delay(Short);
        _inner.Go.Set();
        await _inner.AllEndedAsync(1);
        Assert.Equal(["first"], (List<string>)_inner.Written!);
    }

    [Fact]
    public async Task A_failure_comes_through_as_it_is()
    {
        _inner.Failure = new InconsistentStateException("another wrote");
        _inner.Go.Set();
        var state = new GrainState<List<string>>([], "1");
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage(Long).WriteStateAsync("state", Id, state));
        Assert.Equal("1", state.ETag);
    }

    private GuardedGrainStorage Storage(TimeSpan limit) => new(
        _inner, new JsonSerializer(), new StateCalls(4, holdsThread: true, limit), new StateCalls(1, holdsThread: true, limit));

    /// <summary>A driver that holds the thread that calls it.</summary>
    private sealed class Slow : IGrainStorage
    {
        private int _now;
        private int _ended;

        public ManualResetEventSlim Go { get; } = new();

        public Exception? Failure { get; set; }

        public int MostAtOnce { get; private set; }

        public bool WasOnPoolThread { get; private set; }

        public object? Written { get; private set; }

        public Task AllEndedAsync(int count) =>
            Workspace.UntilAsync(() => Task.FromResult(Volatile.Read(ref _ended) >= count), "all calls ended");

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Call(grainState, () =>
            grainState.State = (T)(object)new List<string> { "theirs" });

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Call(grainState, () =>
            Written = grainState.State);

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Call(grainState, () => { });

        private Task Call<T>(IGrainState<T> state, Action act)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _now));
            WasOnPoolThread |= Thread.CurrentThread.IsThreadPoolThread;
            Go.Wait();
            Interlocked.Decrement(ref _now);
            if (Failure is null)
            {
                act();
                (state.ETag, state.RecordExists) = ("2", true);
            }

            Interlocked.Increment(ref _ended);
            return Failure is null ? Task.CompletedTask : Task.FromException(Failure);
        }
    }

    private sealed class JsonSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => BinaryData.FromObjectAsJson(input);

        public T Deserialize<T>(BinaryData input) => input.ToObjectFromJson<T>()!;
    }
}
