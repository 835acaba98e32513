using System.Text.Json;
using EtcdBackup.Cli.Exits;

namespace EtcdBackup.Cli.Connecting;

/// <summary>A service that has a name in the file of contexts.</summary>
/// <param name="Address">Its address.</param>
/// <param name="TokenFile">The file with the token; null: none.</param>
/// <param name="CaFile">Its authorities; null: the machine's.</param>
internal sealed record Context(string? Address, string? TokenFile, string? CaFile);

/// <summary>
/// The file of contexts: <c>{ "current": "NAME", "contexts": { "NAME": { "address": …, "tokenFile": …, "caFile": … } } }</c>.
/// Paths in it are relative to it.
/// </summary>
internal static class ContextFile
{
    /// <summary>Finds a context.</summary>
    /// <param name="path">The file; null: the user's own, which need not exist.</param>
    /// <param name="name">The context; null: the current one of the file.</param>
    /// <exception cref="CommandException">The file cannot be read, or has no such context.</exception>
    public static Context? Find(string? path, string? name)
    {
        var file = path ?? Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "etcdbackup", "config.json");
        if (path is null && !File.Exists(file))
        {
            return name is null ? null : throw NoContext(file, name, []);
        }

        try
        {
            using var document = JsonDocument.Parse(ServiceOptions.Read(file, "config"));
            var contexts = document.RootElement.TryGetProperty("contexts", out var all) ? all.EnumerateObject().ToArray() : [];
            name ??= Text(document.RootElement, "current");
            return name is null ? null
                : contexts.Where(c => c.Name == name).Select(c => Read(c.Value, Path.GetDirectoryName(Path.GetFullPath(file))!))
                    .FirstOrDefault() ?? throw NoContext(file, name, contexts.Select(c => c.Name));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CommandException(ExitCode.Usage, $"'{file}' is not a file of contexts: {e.Message}");
        }
    }

    private static Context Read(JsonElement context, string directory)
    {
        return new Context(Text(context, "address"), PathOf("tokenFile"), PathOf("caFile"));

        string? PathOf(string field) => Text(context, field) is { } path ? Path.Combine(directory, path) : null;
    }

    private static string? Text(JsonElement element, string field) =>
        element.TryGetProperty(field, out var value) ? value.GetString() : null;

    private static CommandException NoContext(string file, string name, IEnumerable<string> known) =>
        new(ExitCode.Usage, $"'{file}' has no context '{name}'{(known.Any() ? $"; it has {string.Join(", ", known)}" : "")}");
}
