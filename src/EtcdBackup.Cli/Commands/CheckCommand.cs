using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
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
            var limits = new Limits(parsed.GetValue(age), parsed.GetValue(count), parsed.GetValue(size));
            var findings = parsed.GetValue(cluster) is { Length: > 0 } said ? await AskAsync(service, said, stop)
                : [.. (await AskAsync(service, await AllAsync(service, stop), stop)).Where(f => !f.IsGone)];
            var (state, lines) = CheckReport.Of(findings, limits, DateTimeOffset.UtcNow);
            foreach (var line in lines)
            {
                screen.Out.WriteLine(line);
            }

            return (int)state;
        });
        return command;
    }

    private static async Task<string[]> AllAsync(ServiceClient service, CancellationToken stop)
    {
        var clusters = await service.GetAsync("/v1/clusters", stop);
        return [.. clusters.EnumerateArray().Where(c => !c.TryGetProperty("missingSince", out _))
            .Select(c => $"{c.Text("namespace")}/{c.Text("name")}")];
    }

    private static async Task<IReadOnlyList<Finding>> AskAsync(ServiceClient service, string[] clusters, CancellationToken stop)
    {
        var paths = clusters.Select(c => $"/v1/clusters/{Escaped(c)}/status").ToArray();
        var answers = await Task.WhenAll(clusters.Zip(paths, (c, path) => AskAsync(service, c, path, stop)));
        return answers.Length > 0 && answers.All(a => a.Problem is { ExitCode: ExitCode.Away or ExitCode.Denied })
            ? throw answers[0].Problem!
            : [.. answers.Select(a => a.Finding)];
    }

    // One that cannot be asked does not hide the others.
    private static async Task<(Finding Finding, CommandException? Problem)> AskAsync(
        ServiceClient service, string cluster, string path, CancellationToken stop)
    {
        try
        {
            return (new Finding(cluster, await service.GetAsync(path, stop), ""), null);
        }
        catch (CommandException e)
        {
            return (new Finding(cluster, null, e.Message) { IsGone = e.ExitCode == ExitCode.NotFound }, e);
        }
    }

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
