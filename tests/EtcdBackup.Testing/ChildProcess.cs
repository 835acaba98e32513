using System.Collections.Concurrent;
using System.Diagnostics;

namespace EtcdBackup.Testing;

/// <summary>A process that dies with its owner, even when the owner is killed (prctl PR_SET_PDEATHSIG, by util-linux' setpriv).</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private ChildProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public string Output => string.Join('\n', _output);

    public static ChildProcess Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var info = new ProcessStartInfo(
            "setpriv", ["--pdeathsig", "KILL", file, .. arguments])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            info.Environment[key] = value;
        }

        return new ChildProcess(Starter.Start(info));
    }

    /// <summary>Runs a command to its end.</summary>
    /// <returns>What it printed on standard output.</returns>
    public static async Task<string> RunAsync(string file, params IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(info)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}{await error}");
    }

    /// <summary>Sends a signal by its name: KILL, TERM, STOP, CONT.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, Id.ToString(null, null)]);
        kill.WaitForExit();
    }

    public Task WaitForExitAsync() => _process.WaitForExitAsync();

    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
            while (_output.Count > 2000)
            {
                _output.TryDequeue(out _);
            }
        }
    }

    // The death signal comes when the *thread* that started the child ends, so one lasting thread starts them all.
    private static class Starter
    {
        private static readonly BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<Process> Started)> Orders = [];

        static Starter() => new Thread(Work) { IsBackground = true, Name = "child starter" }.Start();

        public static Process Start(ProcessStartInfo info)
        {
            var started = new TaskCompletionSource<Process>();
            Orders.Add((info, started));
            started.Task.Wait();
            return started.Task.GetAwaiter().GetResult();
        }

        private static void Work()
        {
            foreach (var (info, started) in Orders.GetConsumingEnumerable())
            {
                try
                {
                    started.SetResult(Process.Start(info)!);
                }
                catch (Exception e)
                {
                    started.SetException(e);
                }
            }
        }
    }
}
