namespace EtcdBackup.Grains;

/// <summary>How a removal came out.</summary>
/// <param name="IsKnown">False when there is no such cluster.</param>
/// <param name="NamedBy">Who names it, and would bring it back; it was removed only if nobody does.</param>
/// <param name="Obstacle">Why it was not removed though nobody names it, and what to do; null when it was.</param>
public sealed record RemovalAnswer(bool IsKnown, IReadOnlyList<string> NamedBy, string? Obstacle)
{
    /// <summary>There is no such cluster.</summary>
    public static readonly RemovalAnswer Unknown = new(false, [], null);

    /// <summary>It was removed.</summary>
    public static readonly RemovalAnswer Done = new(true, [], null);

    /// <summary>It was kept, because somebody names it.</summary>
    public static RemovalAnswer Kept(IReadOnlyList<string> namedBy) => new(true, namedBy, null);

    /// <summary>It could not be removed.</summary>
    public static RemovalAnswer Refused(string obstacle) => new(true, [], obstacle);
}
