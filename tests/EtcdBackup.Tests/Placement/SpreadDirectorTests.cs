using System.Net;
using EtcdBackup.Placement;

namespace EtcdBackup.Tests.Placement;

public class SpreadDirectorTests
{
    private static readonly SiloAddress[] Three = [Silo(1), Silo(2), Silo(3)];

    private static readonly string[] Clusters = [.. Enumerable.Range(0, 10_000).Select(i => $"default/c{i}")];

    [Fact]
    public void Ten_thousand_clusters_spread_over_three_silos_within_a_fifth()
    {
        var counts = Clusters.GroupBy(c => SpreadDirector.Choose(c, Three)).Select(g => g.Count()).ToArray();
        Assert.Equal(3, counts.Length);
        Assert.All(counts, c => Assert.InRange(c, 10_000 / 3 * 0.9, 10_000 / 3 * 1.1));
    }

    [Fact]
    public void When_a_silo_goes_only_its_share_moves_and_a_restarted_one_gets_it_back()
    {
        var without = Three[..2];
        Assert.All(Clusters.Where(c => !SpreadDirector.Choose(c, Three).Equals(Three[2])), c =>
            Assert.Equal(SpreadDirector.Choose(c, Three), SpreadDirector.Choose(c, without)));
        SiloAddress[] restarted = [.. without, SiloAddress.New(Three[2].Endpoint, 99)];
        Assert.All(Clusters, c => Assert.Equal(SpreadDirector.Choose(c, Three).Endpoint, SpreadDirector.Choose(c, restarted).Endpoint));
    }

    [Fact]
    public void The_order_in_which_silos_are_known_does_not_matter() =>
        Assert.All(Clusters[..100], c => Assert.Equal(SpreadDirector.Choose(c, Three), SpreadDirector.Choose(c, Three.Reverse())));

    private static SiloAddress Silo(int i) => SiloAddress.New(new IPEndPoint(IPAddress.Parse($"10.0.0.{i}"), 11111), 1);
}
