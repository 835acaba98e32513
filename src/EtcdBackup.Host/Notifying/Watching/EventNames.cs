namespace EtcdBackup.Host.Notifying.Watching;

/// <summary>How events are written in messages.</summary>
internal static class EventNames
{
    /// <summary>The name: <c>membersDiffer</c>.</summary>
    public static string Of(EventKind kind) => char.ToLowerInvariant(kind.ToString()[0]) + kind.ToString()[1..];
}
