using System.Security.Claims;
using EtcdBackup.Host.Access;

namespace EtcdBackup.Host.Tests.Access;

public class GrantRuleTests
{
    [Theory]
    [InlineData("sub", "system:serviceaccount:team-a:*", true)]
    [InlineData("sub", "system:serviceaccount:team-a:ci", true)]
    [InlineData("sub", "*", true)]
    [InlineData("sub", "system:serviceaccount:team-a", false)]
    [InlineData("sub", "system:serviceaccount:team:*", false)]
    [InlineData("sub", "SYSTEM:*", false)]
    [InlineData("Sub", "*", false)]
    [InlineData("groups", "ops", true)]
    [InlineData("groups", "devs", true)]
    [InlineData("groups", "op", false)]
    [InlineData("email", "*", false)]
    public void A_rule_is_for_who_has_its_claim_and_one_item_of_a_list_is_enough(string claim, string value, bool expected)
    {
        Claim[] claims = [new("sub", "system:serviceaccount:team-a:ci"), new("groups", "devs"), new("groups", "ops")];
        GrantRule[] rules = [new(claim, value, [Grant.Parse("status")])];
        Assert.Equal(expected ? 1 : 0, GrantRule.GrantsOf(rules, claims).Count);
    }

    [Fact]
    public void All_rules_that_fit_give_their_grants_and_none_gives_nothing()
    {
        GrantRule[] rules =
        [
            new("sub", "a", [Grant.Parse("status"), Grant.Parse("backup:read@a/*")]),
            new("sub", "*", [Grant.Parse("status")]),
            new("sub", "b", [Grant.Parse("admin")]),
        ];
        Assert.Equal([Grant.Parse("status"), Grant.Parse("backup:read@a/*")], GrantRule.GrantsOf(rules, [new Claim("sub", "a")]));
        Assert.Empty(GrantRule.GrantsOf(rules, []));
    }

    [Fact]
    public void A_name_from_outside_begins_no_line_and_no_field_of_the_log()
    {
        Assert.Equal("a?b?c?d?e f", Caller.InOneLine("a\nb\rc\u2028d\u202Ee f"));
        Assert.Equal("a?b_verb=admin", Caller.Named("a\nb verb=admin", []).Name);
    }
}
