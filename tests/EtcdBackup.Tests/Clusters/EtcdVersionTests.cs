using CsCheck;
using EtcdBackup.Clusters;

namespace EtcdBackup.Tests.Clusters;

public class EtcdVersionTests
{
    [Theory]
    [InlineData("3.5.30", "3.5.30", true)]
    [InlineData("3.5.0", "3.5.30", true)]
    [InlineData("3.6.0", "3.5.30", true)]
    [InlineData("3.0.0", "2.3.8", true)]
    [InlineData("3.7.0", "3.5.30", false)]
    [InlineData("3.4.0", "3.5.30", false)]
    [InlineData("3.1.0", "2.3.8", false)]
    [InlineData("3.0.0", "2.2.0", false)]
    [InlineData("4.5.0", "3.5.0", false)]
    public void A_backup_restores_its_own_minor_version_and_the_next(string server, string backup, bool fits) =>
        Assert.Equal(fits, EtcdVersion.Parse(backup).Restores(EtcdVersion.Parse(server)));

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("3.5")]
    [InlineData("3.5.x")]
    [InlineData("3.5.30.1")]
    [InlineData(" 3.5.30")]
    [InlineData("3.5.30\n")]
    [InlineData("03.5.30")]
    [InlineData("3.-5.30")]
    [InlineData("3.5.99999999999")]
    [InlineData("٣.5.30")]
    public void What_is_no_semantic_version_is_refused(string text) => Assert.False(EtcdVersion.TryParse(text, out _));

    [Theory]
    [InlineData("v3.5.30", "3.5.30")]
    [InlineData("3.6.0-rc.1", "3.6.0-rc.1")]
    [InlineData("3.6.0+git.abc", "3.6.0+git.abc")]
    public void A_leading_v_goes_and_a_suffix_stays(string text, string canonical) =>
        Assert.Equal(canonical, EtcdVersion.Parse(text).ToString());

    [Fact]
    public void What_it_writes_it_reads() =>
        Gen.Select(Gen.Int[0, 999], Gen.Int[0, 999], Gen.Int[0, 999])
            .Sample((a, b, c) => EtcdVersion.Parse(new EtcdVersion(a, b, c).ToString()) == new EtcdVersion(a, b, c));

    [Fact]
    public void No_text_makes_it_throw() => Gen.String.Sample(text => EtcdVersion.TryParse(text, out _) || true);
}
