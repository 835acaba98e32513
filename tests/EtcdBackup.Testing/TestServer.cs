namespace EtcdBackup.Testing;

/// <summary>A real server for tests: one process, on a port and in a directory of its own, which both go with it.</summary>
public abstract class TestServer : IAsyncDisposable
{
    private ChildProcess? _process;

    public int Port { get; } = Workspace.FreePorts(1)[0];

    protected ScratchDirectory Directory { get; } = new();

    /// <summary>What runs it.</summary>
    protected abstract (string File, string[] Arguments) Command { get; }

    /// <summary>Starts it, and waits until it answers.</summary>
    public async Task UpAsync()
    {
        var process = _process = ChildProcess.Start(Command.File, Command.Arguments);
        await Workspace.UntilAsync(async () =>
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"{GetType().Name} ended: {process.Output}");
            }

            try
            {
                return await AnswersAsync();
            }
            catch (Exception e) when (e is HttpRequestException or InvalidOperationException)
            {
                return false;
            }
        }, $"{GetType().Name} answers");
    }

    /// <summary>Ends it; what it keeps on disk stays for the next start.</summary>
    public async Task DownAsync()
    {
        if (_process is { } process)
        {
            await EndAsync(process);
            await process.DisposeAsync();
            _process = null;
        }
    }

    /// <summary>It hangs: connections stay open, and nothing answers.</summary>
    public void Freeze() => _process!.Signal("STOP");

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await DownAsync();
        Directory.Dispose();
    }

    /// <summary>Whether it answers; until it does, it may fail.</summary>
    protected abstract Task<bool> AnswersAsync();

    /// <summary>Asks it to end, where killing it is not enough.</summary>
    protected virtual Task EndAsync(ChildProcess process) => Task.CompletedTask;
}
