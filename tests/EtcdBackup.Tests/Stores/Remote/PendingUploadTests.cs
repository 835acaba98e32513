using EtcdBackup.Stores;
using EtcdBackup.Stores.Remote;
using EtcdBackup.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EtcdBackup.Tests.Stores.Remote;

public sealed class PendingUploadTests : IDisposable
{
    private const int Size = 9 * 1024 * 1024;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    private readonly ScratchDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_part_may_take_any_time_as_long_as_its_bytes_go_out()
    {
        // 64 times 0.4 of the silence for each part
        var target = new SlowTarget(async part =>
        {
            var buffer = new byte[128 * 1024];
            while (await part.ReadAsync(buffer) > 0)
            {
                await Task.Delay(Silence * 0.4, _time);
            }
        });
        await using var pending = await BeginAsync(target);
        Assert.True(await PassAsync(pending.TryCommitAsync("name", CancellationToken.None)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_part_whose_bytes_do_not_go_out_or_are_never_acknowledged_is_given_up(bool isSent)
    {
        var target = new SlowTarget(async part =>
        {
            if (isSent)
            {
                await part.CopyToAsync(Stream.Null);
            }

            await new TaskCompletionSource().Task;
        });
        var pending = await BeginAsync(target);
        var e = await Assert.ThrowsAsync<StoreException>(() => PassAsync(pending.TryCommitAsync("name", CancellationToken.None)));
        Assert.Contains("brought nothing for 30 s when asked for part", e.Message, StringComparison.Ordinal);
        await PassAsync(EndAsync(pending));
        Assert.True(target.Upload.IsAborted);
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public async Task Completing_has_more_time_and_not_for_ever()
    {
        var target = new SlowTarget(_ => Task.CompletedTask) { Completing = () => Task.Delay(Silence * 9, _time) };
        await using (var pending = await BeginAsync(target))
        {
            Assert.True(await PassAsync(pending.TryCommitAsync("name", CancellationToken.None)));
        }

        target = new SlowTarget(_ => Task.CompletedTask) { Completing = () => new TaskCompletionSource().Task };
        var second = await BeginAsync(target);
        await Assert.ThrowsAsync<StoreException>(() => PassAsync(second.TryCommitAsync("name", CancellationToken.None)));
        await PassAsync(EndAsync(second));
    }

    private static async Task<bool> EndAsync(PendingUpload pending)
    {
        await pending.DisposeAsync();
        return true;
    }

    private async Task<PendingUpload> BeginAsync(SlowTarget target)
    {
        var file = new Scratch(_directory.Path, TimeProvider.System).Create(Size);
        var pending = new PendingUpload(target, file, "v1", Size, new SilenceLimit("the store", Silence, _time), NullLogger.Instance);
        pending.Expect("name");
        await pending.AppendAsync(new byte[Size], CancellationToken.None);
        return pending;
    }

    private async Task<T> PassAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            // in steps that are small beside the limit: what is done with the time that passed needs a moment
            _time.Advance(Silence / 20);
            await Task.WhenAny(task, Task.Delay(2));
        }

        return await task;
    }

    private sealed class SlowTarget(Func<FileSlice, Task> send) : IUploadTarget
    {
        public Func<Task> Completing { get; init; } = () => Task.CompletedTask;

        public SlowUpload Upload { get; private set; } = null!;

        public Task<bool> TryPutAsync(string key, FileSlice file, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IUpload> BeginUploadAsync(string key, CancellationToken cancellationToken) =>
            Task.FromResult<IUpload>(Upload = new SlowUpload(key, send, Completing));

        public Task<bool> TryCopyAsync(string from, string to, long size, Action progressed, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task DiscardAsync(string key, CancellationToken cancellationToken) => Task.CompletedTask;

        public string NewHiddenKey() => "hidden";

        public Task<IDisposable> EnterAsync(CancellationToken cancellationToken) => Task.FromResult<IDisposable>(new MemoryStream());
    }

    private sealed class SlowUpload(string key, Func<FileSlice, Task> send, Func<Task> completing) : IUpload
    {
        public bool IsAborted { get; private set; }

        public string Key => key;

        public Task SendAsync(int number, FileSlice part, CancellationToken cancellationToken) => send(part);

        public async Task<bool> TryCompleteAsync(CancellationToken cancellationToken)
        {
            await completing();
            return true;
        }

        public Task AbortAsync(CancellationToken cancellationToken)
        {
            IsAborted = true;
            return Task.CompletedTask;
        }

        public void Dispose()
        {
            // nothing is kept
        }
    }
}
