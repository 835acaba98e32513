using EtcdBackup.Etcd;
using EtcdBackup.Runs;
using EtcdBackup.Snapshots.Files;
using EtcdBackup.Stores;

namespace EtcdBackup.Grains;

/// <summary>Maps the exception of a run to a result.</summary>
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
