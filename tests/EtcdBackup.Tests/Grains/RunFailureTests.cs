using EtcdBackup.Etcd;
using EtcdBackup.Grains;
using EtcdBackup.Runs;
using EtcdBackup.Snapshots.Files;
using EtcdBackup.Stores;

namespace EtcdBackup.Tests.Grains;

public class RunFailureTests
{
    public static TheoryData<Exception, RunResult> Failures => new()
    {
        { new EtcdUnavailableException("no member"), RunResult.EtcdFailed },
        { new SnapshotCorruptException("a page"), RunResult.SnapshotCorrupt },
        { new StoreFullException("no space", null), RunResult.StoreFull },
        { new StoreException("refused", null), RunResult.StoreFailed },
        { new IOException("the disk"), RunResult.StoreFailed },
        { new UnauthorizedAccessException("the disk"), RunResult.StoreFailed },
        { new RunStalledException("still"), RunResult.TimedOut },
        { new InvalidOperationException("a fault of ours"), RunResult.Failed },
    };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public void Each_kind_of_failure_has_its_result(Exception failure, object result) =>
        Assert.Equal(result, RunFailure.Classify(failure));
}
