using System.Text.Json.Serialization;

namespace EtcdBackup.Host.Notifying.Watching;

/// <summary>What is told: each is a problem of a cluster, but for the last.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EventKind>))]
internal enum EventKind
{
    /// <summary>Its backups failed several times in a row.</summary>
    Failed,

    /// <summary>It had no successful run for some of its intervals.</summary>
    Stale,

    /// <summary>A stored backup was found damaged.</summary>
    Damaged,

    /// <summary>A member holds other data than the latest backup.</summary>
    MembersDiffer,

    /// <summary>Etcd raised an alarm.</summary>
    Alarm,

    /// <summary>A problem that was told ended.</summary>
    Recovered,
}
