using EtcdBackup.Host.Notifying.Sending;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Notifying;

/// <summary>Who is told of what.</summary>
internal sealed record NotifyingOptions
{
    /// <summary>Names this installation in messages.</summary>
    public required string Installation { get; init; }

    /// <summary>What counts as a problem.</summary>
    public required WatchRules Rules { get; init; }

    /// <summary>How often each cluster is asked.</summary>
    public required TimeSpan LookEvery { get; init; }

    /// <summary>Who is told.</summary>
    public required IReadOnlyList<WebhookOptions> Webhooks { get; init; }

    /// <summary>Who is told that all is well.</summary>
    public required IReadOnlyList<HeartbeatOptions> Heartbeats { get; init; }

    /// <summary>How long and how often a target is tried.</summary>
    public DeliveryLimits Limits { get; init; } = new();

    /// <summary>Whether anybody is told anything.</summary>
    public bool IsUsed => Webhooks.Count > 0 || Heartbeats.Count > 0;
}
