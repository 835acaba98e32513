using EtcdBackup.Host.Access;

namespace EtcdBackup.Host.Notifying.Sending;

/// <summary>A dead-man's switch: a URL that is called while all is well.</summary>
/// <param name="Setting">The setting, for messages.</param>
/// <param name="Url">The URL, which may be a secret.</param>
/// <param name="Ca">Certificates to trust.</param>
/// <param name="Clusters">The clusters that have to be well.</param>
/// <param name="Every">How often.</param>
/// <param name="FailSuffix">Put behind the path while not all is well; empty: nothing is called then.</param>
internal sealed record HeartbeatOptions(
    string Setting, SecretText Url, SecretText Ca, IReadOnlyList<ClusterPattern> Clusters, TimeSpan Every, string FailSuffix);
