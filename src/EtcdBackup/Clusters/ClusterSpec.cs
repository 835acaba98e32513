using System.Text.Json;

namespace EtcdBackup.Clusters;

/// <summary>How to back up one etcd cluster. Compared by value: a changed spec is an unequal one.</summary>
public sealed record ClusterSpec
{
    /// <summary>Which cluster.</summary>
    public required ClusterKey Key { get; init; }

    /// <summary>Client URLs of its members, <c>http://host:port</c> or <c>https://host:port</c>; at least one.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>TLS to the members: whom to trust, and our client certificate.</summary>
    public TlsFiles Tls { get; init; } = new();

    /// <summary>User and password, when etcd's authentication is on.</summary>
    public EtcdLogin Auth { get; init; } = new();

    /// <summary>When backups are taken, where they go, and how many are kept.</summary>
    public required BackupSpec Backup { get; init; }

    /// <summary>Whether a resource of Kubernetes asked for it: then <see cref="ResourceLimits"/> hold.</summary>
    public bool IsOfResource { get; init; }

    /// <inheritdoc/>
    public bool Equals(ClusterSpec? other) => other is not null && Canonical() == other.Canonical();

    /// <inheritdoc/>
    public override int GetHashCode() => Canonical().GetHashCode(StringComparison.Ordinal);

    // A field added later cannot be forgotten here, and lists compare by their items.
    private string Canonical() => JsonSerializer.Serialize(this);
}
