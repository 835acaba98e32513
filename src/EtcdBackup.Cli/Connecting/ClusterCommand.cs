using System.CommandLine;
using System.Text.Json;
using EtcdBackup.Cli.Exits;
using EtcdBackup.Cli.Output;

namespace EtcdBackup.Cli.Connecting;

/// <summary>A command for one cluster: <c>NAMESPACE/NAME</c>, a name that only one has, or nothing where there is only one.</summary>
internal sealed class ClusterCommand : Command
{
    private readonly ServiceOptions _options;
    private Func<ParseResult, CancellationToken, Task<int>?> _instead = (_, _) => null;
    private readonly Argument<string?> _cluster = new("cluster")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "NAMESPACE/NAME, or NAME if only one has it; may be left out where there is only one cluster.",
    };

    /// <param name="name">The word of the command line.</param>
    /// <param name="description">What it does.</param>
    /// <param name="options">Where the service is.</param>
    public ClusterCommand(string name, string description, ServiceOptions options)
        : base(name, description)
    {
        _options = options;
        Arguments.Add(_cluster);
    }

    /// <summary>What the command does without a cluster and without the service, if this option is given.</summary>
    /// <param name="option">The option.</param>
    /// <param name="others">What it cannot be together with, besides a cluster.</param>
    /// <param name="action">Takes the option's value, and gives the exit code.</param>
    public void Instead(Option<string?> option, Option[] others, Func<string, ParseResult, CancellationToken, Task<int>> action)
    {
        Validators.Add(result =>
        {
            if (result.GetResult(option) is not null &&
                (result.GetResult(_cluster) is { Tokens.Count: > 0 } || others.Any(o => result.GetResult(o) is not null)))
            {
                result.AddError($"{option.Name} stands alone: leave out the cluster{string.Concat(others.Select(o => $" and {o.Name}"))}");
            }
        });
        _instead = (parsed, stop) => parsed.GetValue(option) is { } value ? action(value, parsed, stop) : null;
    }

    /// <summary>What the command does; it gives the exit code.</summary>
    public void Do(Func<ClusterCall, Task<int>> action) => SetAction(async (parsed, stop) =>
    {
        if (_instead(parsed, stop) is { } done)
        {
            return await done;
        }

        using var service = _options.Connect(parsed);
        return await action(new ClusterCall(service, await PathAsync(service, parsed.GetValue(_cluster), stop), parsed, stop));
    });

    private static async Task<string> PathAsync(ServiceClient service, string? said, CancellationToken stop)
    {
        if (said?.Split('/') is [var @namespace, var name])
        {
            return Path(@namespace, name);
        }

        var all = (await service.GetAsync("/v1/clusters", stop)).EnumerateArray().ToArray();
        var fitting = said is null ? all : [.. all.Where(c => c.Text("name") == said)];
        return fitting switch
        {
            [var one] => Path(one.Text("namespace"), one.Text("name")),
            [] when all.Length == 0 => throw new CommandException(ExitCode.NotFound, "no cluster is registered that you may see"),
            [] => throw new CommandException(ExitCode.NotFound, $"there is no cluster '{said}': 'etcdbackup clusters' lists them"),
            _ => throw new CommandException(ExitCode.Usage, $"which of {Listed(fitting)}? Write NAMESPACE/NAME"),
        };
    }

    private static string Listed(JsonElement[] clusters) =>
        string.Join(", ", clusters.Take(5).Select(c => $"{c.Text("namespace")}/{c.Text("name")}")) + (clusters.Length > 5 ? ", …" : "");

    private static string Path(string @namespace, string name) =>
        $"/v1/clusters/{Uri.EscapeDataString(@namespace)}/{Uri.EscapeDataString(name)}";
}
