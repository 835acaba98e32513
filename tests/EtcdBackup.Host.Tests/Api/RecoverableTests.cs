using EtcdBackup.ChangeLog;
using EtcdBackup.Host.Api;

namespace EtcdBackup.Host.Tests.Api;

public class RecoverableTests
{
    private static readonly DateTimeOffset Change = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-4, 0)]
    [InlineData(7, 7)]
    [InlineData(null, 0)]
    public void The_last_moment_is_that_of_the_last_change_or_a_later_one_at_which_nothing_was_new(int? currentAfter, int expected)
    {
        var window = new RecoveryWindow(null, 1, Change.AddHours(-1), 9, Change);
        var state = new LogState("aaaaaaaa", 9, 9, 9, currentAfter is { } s ? Change.AddSeconds(s) : null, null);

        var to = Assert.Single(Recoverable.Of([window], state).Windows).To;

        Assert.Equal((9, Change.AddSeconds(expected)), (to.Revision, to.Time));
    }

    [Theory]
    [InlineData(0, null, 12)]
    [InlineData(2, null, 9)]
    [InlineData(0, "the store is away", 9)]
    public void What_waits_for_the_store_is_in_no_window(int waiting, string? problem, long last)
    {
        var window = new RecoveryWindow(null, 1, Change.AddHours(-1), 9, Change);
        var state = new LogState("aaaaaaaa", 12, 9, 12, Change.AddSeconds(5), problem) { Waiting = waiting };
        Assert.Equal(last, Assert.Single(Recoverable.Of([window], state).Windows).To.Revision);
    }
}
