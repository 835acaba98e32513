using EtcdBackup.Clusters;

namespace EtcdBackup.Tests.Clusters;

public class BackoffTests
{
    [Theory]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(3, 8)]
    [InlineData(6, 60)]
    [InlineData(int.MaxValue, 60)]
    public void The_wait_doubles_with_each_failure_up_to_the_longest(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new Backoff(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1)).After(failures));
}
