using System.Collections.Concurrent;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Requests of several kinds at once, of each kind one after the other, until they are stopped.</summary>
internal sealed class RequestLoad : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _done = new();
    private readonly ConcurrentQueue<string> _lost = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _kinds;

    /// <summary>Each kind asks, and gives null, or what was wrong with the answer.</summary>
    public RequestLoad(params (string Name, Func<Task<string?>> Ask)[] kinds) =>
        _kinds = [.. kinds.Select(k => Task.Run(() => LoopAsync(k.Name, k.Ask)))];

    /// <summary>Waits until whatever was under way has ended, and another one was begun after it.</summary>
    public async Task RunOnAsync()
    {
        await Workspace.UntilAsync(() => Task.FromResult(_done.Count == _kinds.Length), "all have begun");
        var before = _done.ToDictionary();
        await Workspace.UntilAsync(() => Task.FromResult(_done.All(d => d.Value >= before[d.Key] + 2)), "all go on");
    }

    /// <summary>Stops them, and gives what was lost.</summary>
    public async Task<IReadOnlyCollection<string>> StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_kinds);
        return _lost;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task LoopAsync(string name, Func<Task<string?>> ask)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (await ask() is { } problem)
                {
                    _lost.Enqueue($"{name}: {problem}");
                }
            }
            catch (HttpRequestException e)
            {
                _lost.Enqueue($"{name}: {e}");
            }

            _done.AddOrUpdate(name, 1, (_, n) => n + 1);
        }
    }
}
