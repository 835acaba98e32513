using EtcdBackup.Clusters;
using EtcdBackup.Host.Access;

namespace EtcdBackup.Host.Tests.Access;

public class TokenListTests
{
    // printf %s secret | sha256sum
    private const string Hash = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

    [Fact]
    public void A_hashed_token_is_its_callers_with_its_grants()
    {
        var tokens = TokenList.Parse($"# of team a\r\nteam-a   sha256:{Hash}\tstatus backup:read@a/*\r\n\n");
        Assert.Empty(tokens.Problems);
        var caller = tokens.Find("secret")!;
        Assert.Equal("team-a", caller.Name);
        Assert.True(caller.May(Verbs.Read, new ClusterKey("a", "x")));
        Assert.False(caller.May(Verbs.Read, new ClusterKey("b", "x")));
        Assert.True(caller.MayAll(Verbs.Status));
        Assert.Null(tokens.Find(Hash));
        Assert.Null(tokens.Find(""));
        Assert.Null(tokens.Find("Secret"));
    }

    [Theory]
    [InlineData("operators", "a token alone does not stand among lines with names")]
    [InlineData("operators\n", "a token alone does not stand among lines with names")]
    [InlineData($"operators sha256:{Hash} status", "the file ends within this line")]
    public void The_rest_of_a_line_that_was_cut_off_lets_nobody_in(string rest, string problem)
    {
        var tokens = TokenList.Parse($"team-a sha256:{Hash} status@a/*\n{rest}");
        Assert.StartsWith($"line 2: {problem}", Assert.Single(tokens.Problems), StringComparison.Ordinal);
        Assert.Null(tokens.Find("operators"));
        Assert.False(tokens.Find("secret")!.MayAll(Verbs.Status));
    }

    [Fact]
    public void A_token_alone_may_do_everything() => Assert.True(TokenList.Parse("secret").Find("secret")!.MayAll(Verbs.Admin));

    [Theory]
    [InlineData("name secret status", "line 2: write NAME sha256:HEX GRANT")]
    [InlineData("name sha256:12 status", "line 2: write NAME sha256:HEX GRANT")]
    [InlineData($"name sha256:{Hash}00 status", "line 2: write NAME sha256:HEX GRANT")]
    [InlineData($"name sha256:{Hash}", "line 2: 'name' has no grant")]
    [InlineData($"name sha256:{Hash} stats", "line 2: 'stats' is no grant")]
    public void A_line_that_cannot_be_used_lets_nobody_in_and_is_told_without_what_may_be_a_token(string line, string problem)
    {
        // printf %s other | sha256sum
        const string Other = "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa";
        var tokens = TokenList.Parse($"\n{line}\nother sha256:{Other} status\n");
        Assert.Contains(problem, Assert.Single(tokens.Problems), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", tokens.Problems[0], StringComparison.Ordinal);
        Assert.Null(tokens.Find("secret"));
        Assert.NotNull(tokens.Find("other"));
    }
}
