using System.Text.Json;

namespace EtcdBackup.Cli.Checking;

/// <summary>What was found out of a cluster.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Status">Its status; null if nobody could tell it.</param>
/// <param name="Why">Why nobody could.</param>
internal sealed record Finding(string Cluster, JsonElement? Status, string Why)
{
    /// <summary>Whether there is no such cluster.</summary>
    public bool IsGone { get; init; }

    /// <summary>What is not well, the worst first.</summary>
    public IReadOnlyList<(State State, string Why)> Problems(Limits limits, DateTimeOffset now) =>
        Status is { } status ? Judge.Of(status, limits, now) : [(State.Unknown, Why)];
}
