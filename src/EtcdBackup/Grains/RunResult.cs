using System.Text.Json.Serialization;

namespace EtcdBackup.Grains;

/// <summary>How a run ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunResult>))]
public enum RunResult
{
    /// <summary>A new backup is in the store.</summary>
    Succeeded,

    /// <summary>Nothing changed since the last backup, which is still the latest.</summary>
    Unchanged,

    /// <summary>No member of the etcd cluster gave a snapshot.</summary>
    EtcdFailed,

    /// <summary>The snapshots that came were damaged.</summary>
    SnapshotCorrupt,

    /// <summary>The store has no room.</summary>
    StoreFull,

    /// <summary>The store failed otherwise.</summary>
    StoreFailed,

    /// <summary>The run made no progress for longer than any call may take, and was ended.</summary>
    TimedOut,

    /// <summary>The silo is stopping, or the cluster was removed or moved, before the backup was done.</summary>
    Stopped,

    /// <summary>An internal error; see the log.</summary>
    Failed,

    /// <summary>No such cluster is registered.</summary>
    NotRegistered,
}
