using EtcdBackup.Host.Configuration;
using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Configuration;

public sealed class SiloTlsProblemsTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly TestAuthority _authority = new("silo authority");

    public void Dispose()
    {
        _directory.Dispose();
        _authority.Dispose();
    }

    [Theory]
    [InlineData(ClusteringKind.Localhost, false, 0)]
    [InlineData(ClusteringKind.Redis, false, 1)]
    [InlineData(ClusteringKind.PostgreSQL, false, 1)]
    [InlineData(ClusteringKind.Kubernetes, false, 1)]
    [InlineData(ClusteringKind.Kubernetes, true, 0)]
    public void Many_silos_without_TLS_are_refused_unless_that_was_said_on_purpose(object clustering, bool allowed, int problems)
    {
        var told = SiloTlsProblems.Of(
            new OrleansSettings { Clustering = (ClusteringKind)clustering, AllowPlainText = allowed }).ToArray();
        Assert.Equal(problems, told.Length);
        Assert.All(told, t => Assert.Equal(
            $"Orleans:Clustering is {clustering}, for many silos, and without TLS whoever reaches the silo port may do everything: " +
                "set Orleans:Tls:CertFile, KeyFile and CaFile, or Orleans:AllowPlainText to true where only silos reach it", t));
    }

    [Theory]
    [InlineData("CertFile")]
    [InlineData("KeyFile")]
    [InlineData("CaFile")]
    public void Of_three_files_none_may_be_left_out(string setting)
    {
        var orleans = Written(_authority.Issue("silo", "silo.test"));
        Assert.Empty(SiloTlsProblems.Of(orleans));
        typeof(SiloTlsSettings).GetProperty(setting)!.SetValue(orleans.Tls, "");
        Assert.Equal($"Orleans:Tls:{setting} is empty: CertFile, KeyFile and CaFile belong together",
            Assert.Single(SiloTlsProblems.Of(orleans)));
    }

    [Theory]
    [InlineData("CertFile")]
    [InlineData("KeyFile")]
    [InlineData("CaFile")]
    public void A_file_that_cannot_be_used_is_named(string setting)
    {
        var orleans = Written(_authority.Issue("silo", "silo.test"));
        var property = typeof(SiloTlsSettings).GetProperty(setting)!;
        File.WriteAllText((string)property.GetValue(orleans.Tls)!, "no PEM");
        Assert.StartsWith($"Orleans:Tls:{setting} '{property.GetValue(orleans.Tls)}' cannot be used: it holds no ",
            Assert.Single(SiloTlsProblems.Of(orleans)), StringComparison.Ordinal);
        property.SetValue(orleans.Tls, _directory["nowhere"]);
        Assert.StartsWith($"Orleans:Tls:{setting} '{_directory["nowhere"]}' cannot be read: ",
            Assert.Single(SiloTlsProblems.Of(orleans)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_other_silos_would_refuse_is_refused_at_the_start()
    {
        using var other = new TestAuthority("other authority");
        Told("it was issued by 'CN=other authority', which is not in Orleans:Tls:CaFile ", Written(other.Issue("silo", "silo.test")));
        Told("it expired at ", Written(_authority.Issue("silo", "silo.test", hours: (-2, -1))));
        Told("it may not be used by a client: its extended key usage does not allow it",
            Written(_authority.Issue("silo", "silo.test", usages: [TestAuthority.ServerUsage])));
        Told("it may not be used by a server: its extended key usage does not allow it",
            Written(_authority.Issue("silo", "silo.test", usages: [TestAuthority.ClientUsage])));

        static void Told(string why, OrleansSettings orleans) => Assert.StartsWith(
            $"Orleans:Tls:CertFile '{orleans.Tls.CertFile}' cannot be used: {why}", Assert.Single(SiloTlsProblems.Of(orleans)),
            StringComparison.Ordinal);
    }

    private OrleansSettings Written((string Certificate, string Key) identity)
    {
        var tls = new SiloTlsSettings { CertFile = _directory["tls.crt"], KeyFile = _directory["tls.key"], CaFile = _directory["ca.crt"] };
        File.WriteAllText(tls.CertFile, identity.Certificate);
        File.WriteAllText(tls.KeyFile, identity.Key);
        File.WriteAllText(tls.CaFile, _authority.Pem);
        return new OrleansSettings { Clustering = ClusteringKind.Redis, Tls = tls };
    }
}
