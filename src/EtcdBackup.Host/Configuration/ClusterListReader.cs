using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Configuration;

/// <summary>
/// Reads the list of clusters item by item: .NET's configuration searches all keys for the children of each section, which takes minutes
/// for ten thousand clusters.
/// </summary>
internal sealed class ClusterListReader
{
    private const string Section = nameof(Settings.Clusters);

    private readonly JsonArray _items;
    private readonly Dictionary<string, List<KeyValuePair<string, string?>>> _overrides;

    private ClusterListReader(JsonArray items, Dictionary<string, List<KeyValuePair<string, string?>>> overrides) =>
        (_items, _overrides) = (items, overrides);

    /// <summary>Separates the list from the rest of a file.</summary>
    /// <param name="text">The file, valid JSON.</param>
    /// <param name="overrides">The settings from environment and arguments.</param>
    /// <returns>The reader, and the file without the list; the reader is null when the file has no such list.</returns>
    public static (ClusterListReader? Reader, byte[] Others) Split(byte[] text, IConfiguration overrides)
    {
        var root = (JsonObject)JsonNode.Parse(
            text, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!;
        var name = root.Select(p => p.Key).FirstOrDefault(k => k.Equals(Section, StringComparison.OrdinalIgnoreCase));
        if (name is null || root[name] is not JsonArray items)
        {
            return (null, text);
        }

        root.Remove(name);
        var byIndex = overrides.GetSection(Section).AsEnumerable(makePathsRelative: true).Where(p => p.Key != "" && p.Value is not null)
            .GroupBy(p => p.Key.Split(':')[0]).ToDictionary(g => g.Key, g => g.ToList());
        return (new ClusterListReader(items, byIndex), Encoding.UTF8.GetBytes(root.ToJsonString()));
    }

    /// <summary>Reads all clusters; what is wrong is added to <paramref name="problems"/>.</summary>
    public IReadOnlyList<ClusterSettings> Read(List<string> problems)
    {
        var clusters = new List<ClusterSettings>();
        var last = _overrides.Keys.Select(k => int.TryParse(k, out var i) ? i : 0).DefaultIfEmpty(-1).Max();
        for (var i = 0; i < Math.Max(_items.Count, last + 1); i++)
        {
            var index = i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var section = SectionOf(i < _items.Count ? _items[i] : null, index).GetSection(Section).GetSection(index);
            var misfits = ConfigurationShape.Problem(section, typeof(ClusterSettings)).ToArray();
            problems.AddRange(misfits);
            if (misfits.Length == 0)
            {
                clusters.Add(Bind(section));
            }
        }

        return clusters;
    }

    /// <summary>
    /// Binds one cluster. <c>"backup": {}</c> enables backups with all defaults, but the binder makes nothing of an empty group.
    /// </summary>
    public static ClusterSettings Bind(IConfigurationSection section)
    {
        var cluster = section.Get<ClusterSettings>() ?? new ClusterSettings();
        if (section.GetChildren().Any(c => c.Key.Equals("backup", StringComparison.OrdinalIgnoreCase)))
        {
            cluster.Backup ??= new BackupSpec();
        }

        return cluster;
    }

    private IConfigurationRoot SectionOf(JsonNode? item, string index)
    {
        // The configuration cannot tell "backup": null from "backup": {}.
        var given = item?.DeepClone();
        foreach (var empty in (given as JsonObject)?.Where(p => p.Value is null).Select(p => p.Key).ToArray() ?? [])
        {
            ((JsonObject)given!).Remove(empty);
        }

        var json = new JsonObject { [Section] = new JsonObject { [index] = given } };
        var builder = new ConfigurationBuilder().AddJsonStream(new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(json)));
        if (_overrides.TryGetValue(index, out var overrides))
        {
            builder.AddInMemoryCollection(overrides.Select(o => KeyValuePair.Create($"{Section}:{o.Key}", o.Value)));
        }

        return builder.Build();
    }
}
