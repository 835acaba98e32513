using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using EtcdBackup.Cli.Checking;
using EtcdBackup.Cli.Connecting;
using EtcdBackup.Cli.Exits;
using EtcdBackup.Cli.Output;

namespace EtcdBackup.Cli.Commands;

/// <summary>Tells a monitoring system how the backups are.</summary>
internal static class CheckCommand
{
    /// <summary>The word of the command line.</summary>
    public const string Name = "check";

    /// <summary>The command.</summary>
    public static Command Of(ServiceOptions options, Screen screen)
    {
        var command = new Command(
            Name, "Tell a monitoring system how the backups are: a line, and exit code 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.");
        var cluster = new Argument<string[]>("cluster") { Arity = ArgumentArity.ZeroOrMore, Description = "NAMESPACE/NAME; default: all." };
        var age = new Option<TimeSpan>("--max-age")
        {
            Description = "The longest time since a backup succeeded or was found to be up to date, e.g. 90m, 26h, 2d. Default: 25h.",
            DefaultValueFactory = _ => TimeSpan.FromHours(25),
            CustomParser = Duration,
        };
        var count = new Option<int>("--min-count") { Description = "The least number of backups.", DefaultValueFactory = _ => 1 };
        var size = new Option<double>("--min-size") { Description = "The least size of the latest, in MB.", DefaultValueFactory = _ => 0 };
        count.Validators.Add(r => NotNegative(r, r.GetValueOrDefault<int>()));
        size.Validators.Add(r => NotNegative(r, r.GetValueOrDefault<double>()));
        command.Arguments.Add(cluster);
        foreach (var option in new Option[] { age, count, size })
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, stop) =>
        {
            using var service = options.Connect(parsed);
            var names = parsed.GetValue(cluster) is { Length: > 0 } said ? said : await AllAsync(service, stop);
            var limits = new Limits(parsed.GetValue(age), parsed.GetValue(count), parsed.GetValue(size));
            var statuses = await Task.WhenAll(names.Select(n => service.GetAsync($"/v1/clusters/{Escaped(n)}/status", stop)));
            return (int)Report(screen, statuses, limits);
        });
        return command;
    }

    private static async Task<string[]> AllAsync(ServiceClient service, CancellationToken stop)
    {
        var clusters = await service.GetAsync("/v1/clusters", stop);
        return [.. clusters.EnumerateArray().Where(c => !c.TryGetProperty("missingSince", out _))
            .Select(c => $"{c.Text("namespace")}/{c.Text("name")}")];
    }

    private static State Report(Screen screen, JsonElement[] statuses, Limits limits)
    {
        var now = DateTimeOffset.UtcNow;
        var judged = statuses.Select(s => (Status: s, Problems: Judge.Of(s, limits, now)))
            .OrderByDescending(j => j.Problems.Count > 0 ? j.Problems[0].State : State.Ok).ToArray();
        var bad = judged.Where(j => j.Problems.Count > 0).ToArray();
        var state = statuses.Length == 0 ? State.Unknown : bad.Length == 0 ? State.Ok : bad[0].Problems[0].State;
        var summary = statuses.Length == 0 ? "there is no cluster that you may see"
            : bad.Length == 0 ? $"{statuses.Length} of {statuses.Length} clusters are well"
            : $"{bad.Length} of {statuses.Length} clusters are not well: {Line(bad[0])}";
        screen.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{state.ToString().ToUpperInvariant()} - {summary} | age={OldestAge(statuses, now)};;{limits.MaxAge.TotalSeconds:0} " +
            $"bad={bad.Length} clusters={statuses.Length}"));
        foreach (var other in bad.Skip(1))
        {
            screen.Out.WriteLine(Line(other));
        }

        return state;
    }

    // U: the plugins' word for a number that is not known.
    private static string OldestAge(JsonElement[] statuses, DateTimeOffset now)
    {
        var successes = statuses.Select(s => s.Time("lastSuccess")).ToArray();
        return successes.Length == 0 || successes.Contains(null) ? "U"
            : string.Create(CultureInfo.InvariantCulture, $"{(now - successes.Min()!.Value).TotalSeconds:0}s");
    }

    // A pipe begins the numbers for the monitoring system.
    private static string Line((JsonElement Status, IReadOnlyList<(State State, string Why)> Problems) judged) =>
        $"{judged.Status.Text("namespace")}/{judged.Status.Text("name")}: {string.Join("; ", judged.Problems.Select(p => p.Why))}"
            .Replace('|', '/').ReplaceLineEndings(" ");

    private static string Escaped(string cluster) => cluster.Split('/') is [var @namespace, var name]
        ? $"{Uri.EscapeDataString(@namespace)}/{Uri.EscapeDataString(name)}"
        : throw new CommandException(ExitCode.Usage, $"'{cluster}' is not NAMESPACE/NAME");

    private static void NotNegative(OptionResult result, double value)
    {
        if (!(value >= 0 && double.IsFinite(value)))
        {
            result.AddError($"{result.Option.Name} is '{value}': 0 or more belongs here");
        }
    }

    private static TimeSpan Duration(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var seconds = text.Length > 1 ? text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 } : 0;
        if (seconds > 0 && double.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 &&
            number * seconds < TimeSpan.MaxValue.TotalSeconds / 2)
        {
            return TimeSpan.FromSeconds(number * seconds);
        }

        result.AddError($"'{text}' is not a duration: write a number and s, m, h or d, such as 26h");
        return default;
    }
}
