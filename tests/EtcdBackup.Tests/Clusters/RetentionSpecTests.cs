using EtcdBackup.Clusters;

namespace EtcdBackup.Tests.Clusters;

public class RetentionSpecTests
{
    [Theory]
    [InlineData("", null)]
    [InlineData("5s", 5)]
    [InlineData("5m", 300)]
    [InlineData("5h", 18_000)]
    [InlineData("5d", 432_000)]
    public void A_time_has_a_unit(string text, int? seconds)
    {
        Assert.True(new RetentionSpec { MaxAge = text }.TryGetMaxAge(out var age));
        Assert.Equal(seconds, age?.TotalSeconds);
        Assert.Equal(seconds, new RetentionSpec { KeepEarlierLineages = text }.KeepEarlierLineagesFor?.TotalSeconds);
    }

    [Fact]
    public void No_age_is_0_and_the_time_of_earlier_lineages_may_be()
    {
        Assert.False(new RetentionSpec { MaxAge = "0s" }.TryGetMaxAge(out _));
        Assert.Equal(TimeSpan.Zero, new RetentionSpec { KeepEarlierLineages = "0s" }.KeepEarlierLineagesFor);
    }

    [Fact]
    public void Each_keep_rule_counts_as_one()
    {
        Assert.False(new RetentionSpec { MaxAge = "5d", MaxSizeInMB = 5 }.HasKeepRule);
        Assert.All(
            new RetentionSpec[] { new() { KeepLast = 1 }, new() { KeepHourly = 1 }, new() { KeepDaily = 1 }, new() { KeepWeekly = 1 },
                new() { KeepMonthly = 1 } }, rules => Assert.True(rules.HasKeepRule));
    }
}
