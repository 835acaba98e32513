using System.Text.Json;

namespace EtcdBackup.Host.Configuration;

/// <summary>Reads the configuration: the file, then environment variables (<c>Http__Urls</c>), then the command line.</summary>
internal static class SettingsReader
{
    /// <summary>Sections that are read by others: .NET's logging and web server.</summary>
    public static readonly string[] OtherSections = ["Logging", "Kestrel"];

    /// <summary>Reads everything again.</summary>
    /// <exception cref="SettingsException">Something is wrong with it.</exception>
    public static ReadConfiguration Read(StartOptions start)
    {
        var builder = new ConfigurationBuilder();
        var problems = new List<string>();
        ClusterListReader? clusters = null;
        if (start.ConfigFile is { } file)
        {
            (clusters, var text) = ClusterListReader.Split(
                ReadFile(file), new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(start.Arguments).Build());
            builder.AddJsonStream(new MemoryStream(text));
            problems.AddRange(UnknownSections(text));
        }

        var configuration = builder.AddEnvironmentVariables().AddCommandLine(start.Arguments).Build();
        var listed = clusters?.Read(problems);
        foreach (var property in typeof(Settings).GetProperties().Where(p => listed is null || p.Name != nameof(Settings.Clusters)))
        {
            problems.AddRange(ConfigurationShape.Problem(configuration.GetSection(property.Name), property.PropertyType));
        }

        ThrowIfAny(problems);
        var settings = configuration.Get<Settings>() ?? new Settings();
        settings.Clusters = listed ?? [.. configuration.GetSection(nameof(Settings.Clusters)).GetChildren().Select(ClusterListReader.Bind)];
        problems.AddRange(SettingsProblems.Of(settings));
        problems.AddRange(ListenProblems(configuration));
        var specs = ClusterSpecs.Of(settings.Clusters, problems);
        ThrowIfAny(problems);
        return new ReadConfiguration(settings, configuration, listed is null && settings.Clusters.Count == 0 ? null : specs);
    }

    /// <summary>What can be read, however wrong it is: of a file that is no JSON, nothing.</summary>
    public static IConfiguration ReadUnchecked(StartOptions start)
    {
        var builder = new ConfigurationBuilder();
        try
        {
            if (start.ConfigFile is { } file)
            {
                builder.AddJsonStream(new MemoryStream(ReadFile(file)));
            }
        }
        catch (SettingsException)
        {
            // Whoever asks was told why.
        }

        return builder.AddEnvironmentVariables().AddCommandLine(start.Arguments).Build();
    }

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

    // Unknown sections are reported only for a file: the environment is full of other programs' variables.
    private static IEnumerable<string> UnknownSections(byte[] text)
    {
        var known = typeof(Settings).GetProperties().Select(p => p.Name).ToArray();
        return new ConfigurationBuilder().AddJsonStream(new MemoryStream(text)).Build().GetChildren()
            .Where(s => !known.Concat(OtherSections).Contains(s.Key, StringComparer.OrdinalIgnoreCase))
            .Select(s => $"{s.Key} is not known: allowed here are {string.Join(", ", known)}");
    }

    private static IEnumerable<string> ListenProblems(IConfiguration others)
    {
        if (others.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            yield return "Kestrel:Endpoints is set: write all addresses into Http:Urls, where it is checked who could call";
        }

        if (others.GetSection("Kestrel:EndpointDefaults").GetChildren().Any())
        {
            yield return "Kestrel:EndpointDefaults is set: which protocols are spoken is not a matter of settings";
        }

        if (others.GetSection("Kestrel:Certificates").GetChildren().Any())
        {
            yield return "Kestrel:Certificates is set: name the files in Http:Tls:CertFile and KeyFile, which are read again when they " +
                "change";
        }
    }

    private static void ThrowIfAny(List<string> problems)
    {
        if (problems.Count > 0)
        {
            throw new SettingsException(problems);
        }
    }
}
