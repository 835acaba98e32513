using EtcdBackup.Clusters;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Tests.Notifying;

/// <summary>Notifications, as tests need them.</summary>
internal static class Told
{
    /// <summary>The failure of a cluster: <c>CLUSTER/NUMBER</c>.</summary>
    public static Notification Of(string id, DateTimeOffset? at = null) => new()
    {
        Id = id,
        Event = EventKind.Failed,
        Problem = new OpenProblem
        {
            Id = id,
            Kind = EventKind.Failed,
            Subject = "",
            Since = Facts.Begin,
            Message = "m",
            ToldAt = Facts.Begin,
        },
        Cluster = new ClusterKey("default", id.Split('/')[0]),
        At = at ?? Facts.Begin,
        Message = $"{id} failed <& 'so' on>",
    };
}
