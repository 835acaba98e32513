using EtcdBackup.Etcd;
using EtcdBackup.Runs;
using EtcdBackup.Snapshots;
using EtcdBackup.Stores;

namespace EtcdBackup.Grains;

/// <summary>Says what kind of failure an exception of a run is.</summary>
internal static class RunFailure
{
    public static RunResult Classify(Exception e) => e switch
    {
        EtcdUnavailableException => RunResult.EtcdFailed,
        SnapshotCorruptException => RunResult.SnapshotCorrupt,
        StoreFullException => RunResult.StoreFull,
        RunStalledException => RunResult.TimedOut,
        IOException or UnauthorizedAccessException => RunResult.StoreFailed,
        _ => RunResult.Failed,
    };
}
