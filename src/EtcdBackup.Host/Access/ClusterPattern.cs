using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Access;

/// <summary>Names clusters: <c>team-a/*</c>.</summary>
/// <param name="Namespace">Their namespace; a <c>*</c> at its end stands for anything.</param>
/// <param name="Name">Their name, likewise.</param>
internal readonly record struct ClusterPattern(string Namespace, string Name)
{
    /// <summary>How it is written.</summary>
    public const string Form = "NAMESPACE/NAME, with a * at the end of NAMESPACE and NAME for many";

    /// <summary>All clusters.</summary>
    public static ClusterPattern All { get; } = new("*", "*");

    /// <summary>Reads <c>team-a/*</c>.</summary>
    /// <returns>False if it is none.</returns>
    public static bool TryParse(string text, out ClusterPattern pattern)
    {
        pattern = All;
        if (text.Split('/') is not [var inNamespace, var name] || !IsPattern(inNamespace) || !IsPattern(name))
        {
            return false;
        }

        pattern = new ClusterPattern(inNamespace, name);
        return true;
    }

    /// <summary>Whether it names this cluster.</summary>
    public bool Fits(ClusterKey cluster) => Fits(Namespace, cluster.Namespace) && Fits(Name, cluster.Name);

    private static bool IsPattern(string text) => text == "*" || ClusterKey.IsLabel(text.EndsWith('*') ? text[..^1] + "x" : text);

    private static bool Fits(string pattern, string value) =>
        pattern.EndsWith('*') ? value.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == value;
}
