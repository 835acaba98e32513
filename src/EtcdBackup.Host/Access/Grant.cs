using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Access;

/// <summary>What a caller may do, and to which clusters.</summary>
/// <param name="Verb">One of <see cref="Verbs"/>.</param>
/// <param name="Namespace">The clusters' namespace; a <c>*</c> at its end stands for anything.</param>
/// <param name="Name">The clusters' name, likewise.</param>
internal sealed record Grant(string Verb, string Namespace, string Name)
{
    /// <summary>How a grant is written.</summary>
    public const string Form = "VERB or VERB@NAMESPACE/NAME, with a * at the end of NAMESPACE and NAME for many";

    /// <summary>Everything.</summary>
    public static Grant Everything { get; } = new(Verbs.All, "*", "*");

    /// <summary>Reads <c>backup:read@team-a/*</c>; without clusters it is for all.</summary>
    /// <exception cref="FormatException">It is no grant; the message says why.</exception>
    public static Grant Parse(string text)
    {
        var (verb, clusters) = text.Split('@') switch
        {
            [var all] => (all, "*/*"),
            [var some, var where] => (some, where),
            _ => throw new FormatException($"'{text}' is no grant: write {Form}"),
        };
        if (!Verbs.Known.Contains(verb))
        {
            throw new FormatException($"'{text}' is no grant: the verbs are {string.Join(", ", Verbs.Known)}");
        }

        return ClusterPattern.TryParse(clusters, out var pattern)
            ? new Grant(verb, pattern.Namespace, pattern.Name)
            : throw new FormatException($"'{text}' is no grant: write {Form}");
    }

    /// <summary>Why a text is no grant; null if it is one.</summary>
    public static string? ProblemOf(string text)
    {
        try
        {
            Parse(text);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    /// <summary>Whether it allows this for some cluster.</summary>
    public bool AllowsSome(string verb) => Verb == Verbs.All || Verb == verb;

    /// <summary>Whether it allows this for one cluster.</summary>
    public bool Allows(string verb, ClusterKey cluster) =>
        AllowsSome(verb) && new ClusterPattern(Namespace, Name).Fits(cluster);

    /// <summary>Whether it allows this for all clusters.</summary>
    public bool AllowsAll(string verb) => AllowsSome(verb) && Namespace == "*" && Name == "*";
}
