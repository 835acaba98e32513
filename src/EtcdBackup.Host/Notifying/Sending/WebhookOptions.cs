using EtcdBackup.Clusters;
using EtcdBackup.Host.Access;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Notifying.Sending;

/// <summary>A webhook that is told of some events of some clusters.</summary>
internal sealed record WebhookOptions
{
    /// <summary>The setting, for messages.</summary>
    public required string Setting { get; init; }

    /// <summary>Its URL, which may be a secret.</summary>
    public required SecretText Url { get; init; }

    /// <summary>How it is spoken to.</summary>
    public required WebhookFormat Format { get; init; }

    /// <summary>The key of the signature, or PagerDuty's routing key.</summary>
    public required SecretText Secret { get; init; }

    /// <summary>A token to show.</summary>
    public required SecretText Token { get; init; }

    /// <summary>Certificates to trust.</summary>
    public required SecretText Ca { get; init; }

    /// <summary>Of which clusters it is told.</summary>
    public required IReadOnlyList<ClusterPattern> Clusters { get; init; }

    /// <summary>Of which events; empty: of all.</summary>
    public required IReadOnlyList<EventKind> Events { get; init; }

    /// <summary>Identifies it among all targets, whatever their order is.</summary>
    public required string Id { get; init; }

    /// <summary>Whether it is told of a problem.</summary>
    public bool Wants(ClusterKey cluster, EventKind problem) =>
        Clusters.Any(c => c.Fits(cluster)) && (Events.Count == 0 || Events.Contains(problem));

    /// <summary>Whether it is told of this. Where a problem stays open until its end is told, the end always is.</summary>
    public bool Wants(Notification notification) => Wants(notification.Cluster, notification.Problem.Kind) &&
        (!notification.IsEnd || Format is WebhookFormat.Alertmanager or WebhookFormat.PagerDuty || Events.Count == 0 ||
            Events.Contains(EventKind.Recovered));
}
