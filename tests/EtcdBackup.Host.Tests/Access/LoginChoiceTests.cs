using System.Text;
using EtcdBackup.Host.Access;
using EtcdBackup.Host.Access.Certificates;
using EtcdBackup.Host.Access.Jwt;
using Microsoft.IdentityModel.Tokens;

namespace EtcdBackup.Host.Tests.Access;

public class LoginChoiceTests
{
    private const string Issuer = "https://issuer.test";

    private static readonly AccessOptions All = new(
        "tokens", [new JwtIssuer { Issuer = Issuer, Audience = "a" }], new CertificateOptions("ca.pem", []), []);

    [Theory]
    [InlineData("", false, null)]
    [InlineData("", true, "certificate")]
    [InlineData("Bearer secret", true, "token")]
    [InlineData("Bearer a.b.c", false, "token")]
    [InlineData("Bearer ", true, "token")]
    [InlineData("Basic eDp5", false, "token")]
    [InlineData("Negotiate x", true, "token")]
    public void What_is_shown_decides(string authorization, bool hasCertificate, string? expected) =>
        Assert.Equal(expected, LoginChoice.Of(All, authorization, hasCertificate));

    [Theory]
    [InlineData(Issuer, "jwt:" + Issuer)]
    [InlineData("https://another.test", "token")]
    [InlineData("https://issuer.test/", "token")]
    [InlineData("", "token")]
    public void A_bearer_token_is_of_the_issuer_that_it_names_or_of_the_token_file(string issuer, string expected)
    {
        Assert.Equal(expected, LoginChoice.Of(All, "Bearer " + Token($$"""{"iss":"{{issuer}}"}"""), hasCertificate: true));
        Assert.Equal(expected, LoginChoice.Of(All, "bearer  " + Token($$"""{"iss":"{{issuer}}"}"""), hasCertificate: false));
    }

    [Fact]
    public void A_way_that_is_not_set_up_is_not_tried()
    {
        var (token, none) = ("Bearer " + Token($$"""{"iss":"{{Issuer}}"}"""), new CertificateOptions("", []));
        Assert.Equal("token", LoginChoice.Of(All with { Issuers = [] }, token, true));
        Assert.Null(LoginChoice.Of(All with { Certificates = none }, "", true));
        Assert.Null(LoginChoice.Of(new AccessOptions("", [], none, []), token, true));
        Assert.Equal("token", LoginChoice.Of(new AccessOptions("", [], new CertificateOptions("ca.pem", []), []), token, true));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("...")]
    [InlineData("....")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.")]
    [InlineData("e30.W10.c2ln")]
    [InlineData("W10.e30.c2ln")]
    [InlineData("e30.bnVsbA.c2ln")]
    [InlineData("e30.MQ.c2ln")]
    [InlineData("e30.e30.%%%")]
    [InlineData("e30.eyJpc3MiOlsxXX0.c2ln")]
    [InlineData("e30.eyJpc3MiOnsieCI6MX19.c2ln")]
    [InlineData("e30.eyJpc3MiOjF9.c2ln")]
    [InlineData("e30.eyJpc3MiOiJh.c2ln")]
    [InlineData("e30._____w.c2ln")]
    public void Whatever_else_has_two_dots_is_a_token_of_the_file(string token) =>
        Assert.Equal("token", LoginChoice.Of(All, "Bearer " + token, hasCertificate: false));

    private static string Token(string payload) =>
        $"{Base64UrlEncoder.Encode("""{"alg":"ES256"}""")}.{Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes(payload))}.c2ln";
}
