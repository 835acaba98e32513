namespace EtcdBackup.Grains;

/// <summary>The result of a removal.</summary>
/// <param name="IsKnown">False when there is no such cluster.</param>
/// <param name="NamedBy">The reporters that name it, and would register it again; it is removed only if there are none.</param>
/// <param name="Obstacle">Why it was not removed though no reporter names it, and what to do; null if it was.</param>
public sealed record RemovalAnswer(bool IsKnown, IReadOnlyList<string> NamedBy, string? Obstacle)
{
    /// <summary>There is no such cluster.</summary>
    public static readonly RemovalAnswer Unknown = new(false, [], null);

    /// <summary>It was removed.</summary>
    public static readonly RemovalAnswer Done = new(true, [], null);

    /// <summary>It was kept, because a reporter names it.</summary>
    public static RemovalAnswer Kept(IReadOnlyList<string> namedBy) => new(true, namedBy, null);

    /// <summary>It could not be removed.</summary>
    public static RemovalAnswer Refused(string obstacle) => new(true, [], obstacle);
}
