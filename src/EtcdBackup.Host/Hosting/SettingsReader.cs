using System.Text.Json;
using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Hosting;

/// <summary>The configuration cannot be used; the message lists every reason, one a line.</summary>
public sealed class SettingsException(IReadOnlyCollection<string> problems, Exception? inner = null)
    : Exception(string.Join(Environment.NewLine, problems), inner);

/// <summary>Reads the configuration: the file, then environment variables (<c>Http__Urls</c>), then the command line.</summary>
internal static class SettingsReader
{
    /// <summary>Sections that are read by others: .NET's logging and web server.</summary>
    public static readonly string[] OtherSections = ["Logging", "Kestrel"];

    /// <summary>Reads everything anew.</summary>
    /// <exception cref="SettingsException">Something is wrong with it.</exception>
    public static (Settings Settings, IConfiguration Configuration) Read(string? file, string[] arguments)
    {
        var builder = new ConfigurationBuilder();
        var problems = new List<string>();
        ClusterListReader? clusters = null;
        if (file is not null)
        {
            (clusters, var text) = ClusterListReader.Split(
                ReadFile(file), new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(arguments).Build());
            builder.AddJsonStream(new MemoryStream(text));
            problems.AddRange(UnknownSections(text));
        }

        var configuration = builder.AddEnvironmentVariables().AddCommandLine(arguments).Build();
        var listed = clusters?.Read(problems);
        foreach (var property in typeof(Settings).GetProperties().Where(p => listed is null || p.Name != nameof(Settings.Clusters)))
        {
            problems.AddRange(ConfigurationShape.Problem(configuration.GetSection(property.Name), property.PropertyType));
        }

        ThrowIfAny(problems);
        var settings = configuration.Get<Settings>() ?? new Settings();
        settings.Clusters = listed ?? [.. configuration.GetSection(nameof(Settings.Clusters)).GetChildren().Select(ClusterListReader.Bind)];
        settings.NamesClusters = listed is not null || settings.Clusters.Count > 0;
        problems.AddRange(SettingsProblems.Of(settings));
        ThrowIfAny(problems);
        return (settings, configuration);
    }

    /// <summary>The clusters that have backup enabled.</summary>
    public static IReadOnlyList<ClusterSpec> Specs(Settings settings) =>
        [.. settings.Clusters.Where(c => c.Backup is not null).Select(ToSpec)];

    /// <summary>What is asked for a cluster.</summary>
    public static ClusterSpec ToSpec(ClusterSettings cluster) => new()
    {
        Key = new ClusterKey(cluster.Namespace, cluster.Name),
        Endpoints = [.. cluster.Endpoints.Select(e => new Uri(e))],
        Tls = cluster.Tls,
        Auth = cluster.Auth,
        Backup = cluster.Backup!,
    };

    private static byte[] ReadFile(string file)
    {
        try
        {
            var text = File.ReadAllBytes(file);
            new ConfigurationBuilder().AddJsonStream(new MemoryStream(text)).Build();
            return text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"the configuration file '{file}' cannot be read: {e.Message}"], e);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidDataException)
        {
            throw new SettingsException([$"the configuration file '{file}' is no valid JSON: {(e.InnerException ?? e).Message}"], e);
        }
    }

    // Only a file's unknown sections can be told: the environment is full of other programs' variables.
    private static IEnumerable<string> UnknownSections(byte[] text)
    {
        var known = typeof(Settings).GetProperties().Select(p => p.Name).ToArray();
        return new ConfigurationBuilder().AddJsonStream(new MemoryStream(text)).Build().GetChildren()
            .Where(s => !known.Concat(OtherSections).Contains(s.Key, StringComparer.OrdinalIgnoreCase))
            .Select(s => $"{s.Key} is not known: allowed here are {string.Join(", ", known)}");
    }

    private static void ThrowIfAny(List<string> problems)
    {
        if (problems.Count > 0)
        {
            throw new SettingsException(problems);
        }
    }
}
