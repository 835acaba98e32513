using EtcdBackup.Host.Configuration;
using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Configuration;

public sealed class AccessProblemsTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly TestIssuer _issuer = new("https://issuer.test");

    public AccessProblemsTests()
    {
        File.WriteAllText(_directory["jwks"], _issuer.Jwks);
        File.WriteAllText(_directory["text"], "text");
        using var authority = new TestAuthority("test");
        File.WriteAllText(_directory["ca.pem"], authority.Pem);
    }

    public void Dispose()
    {
        _issuer.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Sound_settings_have_none()
    {
        Found(With(Jwt()));
        Found(With(Jwt(j => (j.JwksFile, j.Authority, j.CaFile, j.TokenFile) =
            ("", "https://kubernetes.default.svc", _directory["ca.pem"], _directory["text"]))));
        Found(With(Jwt(), Jwt(j => j.Issuer = "https://second.test")));
        Found(Certificates());
    }

    [Fact]
    public void An_issuer_has_a_name_of_its_own_and_an_audience()
    {
        Found(With(Jwt(j => j.Issuer = "")), "Http:Jwt:0:Issuer is empty: write what the tokens have as iss, letter by letter");
        Found(With(Jwt(), Jwt()), "Http:Jwt:1:Issuer is 'https://issuer.test', and an earlier one is too");
        Found(With(Jwt(j => j.Audience = "")), "Http:Jwt:0:Audience is empty, and a token made for another service would open this one");
        Found(With(Jwt(j => j.NameClaim = "")), "Http:Jwt:0:NameClaim is empty");
    }

    [Fact]
    public void Its_keys_are_in_one_place()
    {
        Found(With(Jwt(j => j.JwksFile = "")), "Http:Jwt:0 needs either Authority or JwksFile");
        Found(With(Jwt(j => j.Authority = "https://x")), "Http:Jwt:0 needs either Authority or JwksFile");
        Found(With(Jwt(j => j.JwksFile = "/no/such/file")), "Http:Jwt:0:JwksFile is '/no/such/file': there is no such file");
        Found(With(Jwt(j => j.JwksFile = _directory["text"])), "it is no JSON web key set");
        Found(With(Jwt(j => j.CaFile = _directory["ca.pem"])), "Http:Jwt:0:CaFile and TokenFile are for Authority");
        Found(With(Jwt(j => j.TokenFile = _directory["text"])), "Http:Jwt:0:CaFile and TokenFile are for Authority");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":[{"kty":"oct","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I"}]}""")]
    [InlineData("""{"keys":[{"kty":"RSA"}]}""")]
    public void A_file_without_a_public_key_is_told(string text)
    {
        File.WriteAllText(_directory["jwks"], text);
        Found(With(Jwt()), "Http:Jwt:0:JwksFile");
    }

    [Fact]
    public void Keys_are_fetched_by_https_alone()
    {
        foreach (var authority in new[] { "http://x", "x", "https://x?y=1", "ftp://x" })
        {
            Found(With(Jwt(j => (j.JwksFile, j.Authority) = ("", authority))), $"Http:Jwt:0:Authority is '{authority}': write https://");
        }

        Found(With(Jwt(j => (j.JwksFile, j.Authority, j.CaFile) = ("", "https://x", _directory["text"]))), "Http:Jwt:0:CaFile");
        Found(With(Jwt(j => (j.JwksFile, j.Authority, j.TokenFile) = ("", "https://x", "/no/such"))), "Http:Jwt:0:TokenFile is '/no/such'");
    }

    [Fact]
    public void Rules_are_checked_one_by_one()
    {
        Found(With(Jwt(j => j.Grants = [])), "Http:Jwt:0:Grants is empty");
        Found(With(Jwt(j => j.Grants = [new() { Claim = "", Value = "a", Grants = ["status"] }])), "Http:Jwt:0:Grants:0:Claim is ''");
        Found(With(Jwt(j => j.Grants = [new() { Claim = "sub", Value = "", Grants = ["status"] }])), "Http:Jwt:0:Grants:0:Value is ''");
        Found(With(Jwt(j => j.Grants = [new() { Claim = "sub", Value = "*a", Grants = ["status"] }])), "Grants:0:Value is '*a'");
        Found(With(Jwt(j => j.Grants = [new() { Claim = "sub", Value = "a", Grants = [] }])), "Http:Jwt:0:Grants:0:Grants is empty");
        Found(With(Jwt(j => j.Grants = [new() { Claim = "sub", Value = "a", Grants = ["stats"] }])), "0:Grants: 'stats' is no grant");
    }

    [Fact]
    public void Client_certificates_need_an_authority_an_https_address_and_names_that_certificates_have()
    {
        var settings = Certificates();
        settings.ClientCertificates.CaFile = _directory["text"];
        Found(settings, "Http:ClientCertificates:CaFile");
        settings = Certificates();
        settings.ClientCertificates.CaFile = "";
        Found(settings, "Http:ClientCertificates:Grants is set, and Http:ClientCertificates:CaFile is not");
        settings = Certificates();
        settings.Urls = "http://127.0.0.1:1";
        Found(settings, "Http:Urls has no https:// address");
        settings = Certificates();
        settings.ClientCertificates.Grants = [new() { Claim = "sub", Value = "a", Grants = ["status"] }];
        Found(settings, "Http:ClientCertificates:Grants:0:Claim is 'sub': write one of CN, DNS, URI");
    }

    [Fact]
    public void Whoever_must_log_in_may_come_from_anywhere_and_nobody_else_may_do_anything()
    {
        using var certificates = new TestCertificates();
        foreach (var settings in new[] { With(Jwt()), Certificates() })
        {
            settings.Urls = "https://*:1";
            (settings.Tls.CertFile, settings.Tls.KeyFile) = (certificates.ServerCert, certificates.ServerKey);
            Assert.Empty(SettingsProblems.Of(new Settings { Http = settings }));
            Assert.Empty(settings.ToAccess().Anonymous);
        }

        Assert.NotEmpty(new HttpSettings().ToAccess().Anonymous);
    }

    private static HttpSettings With(params JwtSettings[] issuers) => new() { Jwt = issuers };

    private static void Found(HttpSettings settings, string? expected = null)
    {
        var problems = AccessProblems.Of(settings).ToArray();
        if (expected is null)
        {
            Assert.Empty(problems);
        }
        else
        {
            Assert.Contains(expected, Assert.Single(problems), StringComparison.Ordinal);
        }
    }

    private HttpSettings Certificates() => new()
    {
        Urls = "https://127.0.0.1:1",
        ClientCertificates =
        {
            CaFile = _directory["ca.pem"],
            Grants = [new() { Claim = "URI", Value = "spiffe://test/*", Grants = ["status"] }],
        },
    };

    private JwtSettings Jwt(Action<JwtSettings>? change = null)
    {
        var jwt = new JwtSettings
        {
            Issuer = "https://issuer.test",
            Audience = "etcd-backup",
            JwksFile = _directory["jwks"],
            Grants = [new() { Claim = "sub", Value = "a*", Grants = ["status"] }],
        };
        change?.Invoke(jwt);
        return jwt;
    }
}
