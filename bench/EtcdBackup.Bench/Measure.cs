using System.Diagnostics;
using System.Globalization;

namespace EtcdBackup.Bench;

/// <summary>What one run of something cost.</summary>
internal sealed record Cost(double WallSeconds, double CpuSeconds, double PeakMegabytes)
{
    /// <summary>How busy all cores of the machine were meanwhile, with all processes, 0 to 1.</summary>
    public double MachineBusy { get; init; }
}

/// <summary>Reads what the kernel knows of a process (proc_pid_stat(5), proc_pid_status(5)).</summary>
internal static class Measure
{
    private const double TicksPerSecond = 100;

    public static double CpuSeconds(int pid)
    {
        var fields = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) +
            double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    public static double PeakMegabytes(int pid)
    {
        var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(l => l.StartsWith("VmHWM", StringComparison.Ordinal));
        return line is null
            ? 0 : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    public static void ResetPeak(int pid) => File.WriteAllText($"/proc/{pid}/clear_refs", "5");

    // proc_stat(5): user, nice, system, idle, iowait, ...
    private static (double Busy, double All) MachineTicks()
    {
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Skip(1).Take(8).Select(t => double.Parse(t, CultureInfo.InvariantCulture)).ToArray();
        return (ticks.Sum() - ticks[3] - ticks[4], ticks.Sum());
    }

    /// <summary>Measures what a lasting process spends on some work.</summary>
    public static async Task<Cost> ServerAsync(int pid, Func<Task> work)
    {
        ResetPeak(pid);
        var cpu = CpuSeconds(pid);
        var (busy, all) = MachineTicks();
        var watch = Stopwatch.StartNew();
        await work();
        var (busyAfter, allAfter) = MachineTicks();
        var share = (busyAfter - busy) / (allAfter - all);
        return new Cost(watch.Elapsed.TotalSeconds, CpuSeconds(pid) - cpu, PeakMegabytes(pid)) { MachineBusy = share };
    }

    /// <summary>Measures a whole command.</summary>
    public static async Task<Cost> CommandAsync(string file, params string[] arguments)
    {
        var watch = Stopwatch.StartNew();
        using var process =
            Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        var (cpu, peak) = (0.0, 0.0);
        while (!process.HasExited)
        {
            try
            {
                (cpu, peak) = (CpuSeconds(process.Id), Math.Max(peak, PeakMegabytes(process.Id)));
            }
            catch (Exception e) when (e is IOException or IndexOutOfRangeException)
            {
                break;
            }

            await Task.Delay(5);
        }

        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? new Cost(watch.Elapsed.TotalSeconds, cpu, peak)
            : throw new InvalidOperationException($"{file} failed: {await output}{await error}");
    }

    public static string Spread(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"{sorted[0],8:0.00} {sorted[sorted.Length / 2],8:0.00} {sorted[^1],8:0.00}");
    }

    /// <summary>Prints both sides and the ratio of each pair: min, median, max.</summary>
    public static void Compare(string ours, string theirs, IReadOnlyList<(Cost Ours, Cost Theirs)> pairs)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"",-44} {"min",8} {"median",8} {"max",8}"));
        foreach (var (what, of) in new (string, Func<Cost, double>)[] { ("wall s", c => c.WallSeconds), ("CPU s", c => c.CpuSeconds),
            ("peak MB", c => c.PeakMegabytes) })
        {
            Console.WriteLine($"{ours + ", " + what,-44} {Spread(pairs.Select(p => of(p.Ours)))}");
            Console.WriteLine($"{theirs + ", " + what,-44} {Spread(pairs.Select(p => of(p.Theirs)))}");
            Console.WriteLine($"{"ratio, " + what,-44} {Spread(pairs.Select(p => of(p.Ours) / of(p.Theirs)))}");
        }
    }
}
