using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace EtcdBackup.Clusters;

/// <summary>Names one etcd cluster: a namespace and a name in it, both DNS labels (RFC 1123), as Kubernetes has them.</summary>
/// <remarks>Written <c>namespace/name</c>; that is also the key of its <c>BackupGrain</c>. The label rule keeps both parts safe as path
/// segments of a store.</remarks>
[JsonConverter(typeof(Json))]
public readonly partial record struct ClusterKey
{
    /// <summary>What a part may look like, for error messages.</summary>
    public const string LabelRule = "1 to 63 of a-z, 0-9 and '-', neither first nor last a '-'";

    /// <summary>Makes a key from its parts.</summary>
    /// <exception cref="FormatException">A part is not a DNS label.</exception>
    public ClusterKey(string @namespace, string name)
    {
        if (!IsLabel(@namespace))
        {
            throw new FormatException($"'{@namespace}' is no namespace: {LabelRule}");
        }

        if (!IsLabel(name))
        {
            throw new FormatException($"'{name}' is no cluster name: {LabelRule}");
        }

        Namespace = @namespace;
        Name = name;
    }

    /// <summary>The namespace, e.g. <c>default</c>.</summary>
    public string Namespace { get; }

    /// <summary>The cluster's name in its namespace.</summary>
    public string Name { get; }

    /// <summary>Reads <c>namespace/name</c>.</summary>
    /// <exception cref="FormatException">The text is not two DNS labels with a slash between.</exception>
    public static ClusterKey Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? throw new FormatException($"'{text}' is no cluster: write namespace/name")
            : new ClusterKey(text[..slash], text[(slash + 1)..]);
    }

    /// <summary>Whether the text is a DNS label (RFC 1123).</summary>
    public static bool IsLabel(string? text) => text is not null && Label().IsMatch(text);

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";

    private sealed class Json() : TextConverter<ClusterKey>(Parse);

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\z")]
    private static partial Regex Label();
}
