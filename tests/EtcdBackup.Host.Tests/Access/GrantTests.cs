using EtcdBackup.Clusters;
using EtcdBackup.Host.Access;

namespace EtcdBackup.Host.Tests.Access;

public class GrantTests
{
    [Theory]
    [InlineData("backup:read", "backup:read", "a/x", true)]
    [InlineData("backup:read", "status", "a/x", false)]
    [InlineData("backup:read@a/x", "backup:read", "a/x", true)]
    [InlineData("backup:read@a/x", "backup:read", "a/xy", false)]
    [InlineData("backup:read@a/x", "backup:read", "b/x", false)]
    [InlineData("backup:read@a/*", "backup:read", "a/y", true)]
    [InlineData("backup:read@a/*", "backup:read", "ab/y", false)]
    [InlineData("backup:read@team-*/prod*", "backup:read", "team-a/prod-1", true)]
    [InlineData("backup:read@team-*/prod*", "backup:read", "team/prod-1", false)]
    [InlineData("*", "admin", "a/x", true)]
    [InlineData("*@a/x", "backup:delete", "a/x", true)]
    [InlineData("*@a/x", "backup:delete", "a/y", false)]
    [InlineData("admin", "status", "a/x", false)]
    public void A_grant_allows_its_verb_for_its_clusters(string grant, string verb, string cluster, bool expected) =>
        Assert.Equal(expected, Grant.Parse(grant).Allows(verb, ClusterKey.Parse(cluster)));

    [Theory]
    [InlineData("status", true)]
    [InlineData("*@*/*", true)]
    [InlineData("status@a/*", false)]
    [InlineData("status@*/x", false)]
    [InlineData("admin", false)]
    public void What_shows_all_clusters_needs_a_grant_for_all(string grant, bool expected)
    {
        Assert.Equal(expected, Grant.Parse(grant).AllowsAll(Verbs.Status));
        Assert.Equal(grant != "admin", new Caller("x", [Grant.Parse(grant)]).MaySome(Verbs.Status));
    }

    [Theory]
    [InlineData("", "the verbs are")]
    [InlineData("read", "the verbs are status, backup:create, backup:read, backup:delete, admin, *")]
    [InlineData("status@a", "write VERB or VERB@NAMESPACE/NAME")]
    [InlineData("status@a/b/c", "write VERB")]
    [InlineData("status@a/", "write VERB")]
    [InlineData("status@*a/b", "write VERB")]
    [InlineData("status@A/b", "write VERB")]
    [InlineData("status@a@b", "write VERB")]
    public void What_is_no_grant_is_told(string text, string problem) =>
        Assert.Contains(problem, Grant.ProblemOf(text), StringComparison.Ordinal);
}
