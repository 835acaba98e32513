namespace EtcdBackup.Host.Notifying.Watching;

/// <summary>A problem that a cluster has now.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Subject">What distinguishes it from others of the kind, e.g. the backup; empty: there can be only one.</param>
/// <param name="Since">Since when, as far as that is known.</param>
/// <param name="Message">What is wrong and what to do, in sentences.</param>
internal sealed record Finding(EventKind Kind, string Subject, DateTimeOffset Since, string Message)
{
    /// <summary>
    /// The moment that the problem's id is made of: the same each time that it is found anew, even if all state was lost.
    /// </summary>
    public DateTimeOffset Anchor { get; init; } = Since;
}
