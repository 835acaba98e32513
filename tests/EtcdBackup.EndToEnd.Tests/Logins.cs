using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>
/// All that one can log in with but a token file. Who is <c>all</c> or <c>mine</c> may do everything, to all clusters or to one; who is a
/// verb may do that; everybody else is known and may do nothing.
/// </summary>
internal sealed class Logins : IDisposable
{
    public const string Audience = "etcd-backup";

    private readonly ScratchDirectory _directory = new();
    private readonly TestCertificates _server = new();
    private readonly X509ChainPolicy _trust = new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
    };

    private readonly List<IDisposable> _clients = [];
    private readonly int _port = Workspace.FreePorts(1)[0];

    public Logins()
    {
        Intermediate = new TestAuthority("intermediate", Root);
        _trust.CustomTrustStore.ImportFromPemFile(_server.CaFile);
        File.WriteAllText(CaFile, Root.Pem);
        File.WriteAllText(JwksFile, Issuer.Jwks);
    }

    public TestIssuer Issuer { get; } = new("https://issuer.test");

    public TestAuthority Root { get; } = new("clients");

    public TestAuthority Intermediate { get; }

    /// <summary>An authority of the same name as <see cref="Root"/>.</summary>
    public TestAuthority Stranger { get; } = new("clients");

    public TestAuthority Unknown { get; } = new("unknown");

    public string CaFile => _directory["ca.pem"];

    public string JwksFile => _directory["jwks.json"];

    /// <summary>Adds these logins to a service, and an https address.</summary>
    public void Configure(ServiceProcess service)
    {
        var http = service.Config["Http"]!;
        // The service listens in this order: once the last one answers, all do.
        http["Urls"] = $"https://127.0.0.1:{_port};{http["Urls"]}";
        http["Jwt"] = new JsonArray(new JsonObject
        {
            [nameof(Issuer)] = Issuer.Issuer,
            ["Audience"] = Audience,
            [nameof(JwksFile)] = JwksFile,
            ["Grants"] = new JsonArray(
                Rule("sub", "mine", "*@mine/example"), Rule("groups", "all", "*"),
                Rule("sub", "verb-status", "status@mine/*"), Rule("sub", "verb-backup-create", "backup:create@mine/*"),
                Rule("sub", "verb-backup-read*", "backup:read@mine/*"), Rule("sub", "verb-backup-delete", "backup:delete@mine/*"),
                Rule("sub", "verb-admin", "admin@mine/*")),
        });
        http["ClientCertificates"] = new JsonObject
        {
            [nameof(CaFile)] = CaFile,
            ["Grants"] = new JsonArray(
                Rule("CN", "mine", "*@mine/example"), Rule("URI", "spiffe://test/all", "*"), Rule("DNS", "dns-*", "status")),
        };
        http["Tls"] = new JsonObject { ["CertFile"] = _server.ServerCert, ["KeyFile"] = _server.ServerKey };
    }

    /// <summary>A good token.</summary>
    public string Token(string role) => Issuer.Sign(Claims(role));

    /// <summary>Tokens that are not good, each with what the answer must say.</summary>
    public IEnumerable<(string Name, string Token, string Why)> BadTokens()
    {
        using var other = new TestIssuer(Issuer.Issuer);
        using var elsewhere = new TestIssuer("https://elsewhere.test");
        return
        [
            ("expired", Issuer.Sign(Changed("exp", DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds())), "the token is expired"),
            ("endless", Issuer.Sign(Changed("exp", null)), "the token has no end"),
            ("early", Issuer.Sign(Changed("nbf", DateTimeOffset.UtcNow.AddMinutes(30).ToUnixTimeSeconds())), "the token is not valid yet"),
            ("of another audience", Issuer.Sign(Changed("aud", "vault")), "the token is for another audience: get one for 'etcd-backup'"),
            ("without an audience", Issuer.Sign(Changed("aud", null)), "the token is for another audience"),
            ("of another issuer", elsewhere.Sign(elsewhere.Claims("all", Audience)), "nobody has this token"),
            ("signed by another", other.Sign(Claims("all")), "the token's signature is wrong"),
            ("of alg none", Issuer.WithoutSignature(Claims("all")), "the token's signature is wrong"),
            ("of HS256 with the public key", Issuer.SignWithPublicKey(Claims("all")), "the token's signature is wrong"),
            ("with another payload", Tampered(), "the token's signature is wrong"),
        ];
    }

    /// <summary>A client with a certificate, and what vouches for it.</summary>
    public HttpClient Client(
        TestAuthority issuer, string role, IReadOnlyList<string>? usages = null, (int From, int Until)? hours = null)
    {
        var (pem, key) = issuer.Issue(
            role, role.StartsWith("dns", StringComparison.Ordinal) ? role : "client.test", usages: usages, hours: hours,
            uri: role == "all" ? "spiffe://test/all" : null);
        var leaf = X509Certificate2.CreateFromPem(pem, key);
        X509Certificate2Collection sent = issuer == Intermediate ? [X509Certificate2.CreateFromPem(issuer.Pem)] : [];
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(leaf, sent, offline: true),
                CertificateChainPolicy = _trust,
                // The Host header names a cluster, and not the server.
                RemoteCertificateValidationCallback = (_, _, _, e) => (e & ~SslPolicyErrors.RemoteCertificateNameMismatch) == 0,
            },
        };
        var client = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{_port}") };
        _clients.Add(client);
        return client;
    }

    public void Dispose()
    {
        foreach (var one in _clients.Concat([Issuer, Root, Intermediate, Stranger, Unknown, _server, _directory]))
        {
            one.Dispose();
        }
    }

    private static JsonObject Rule(string claim, string value, string grant) =>
        new() { ["Claim"] = claim, ["Value"] = value, ["Grants"] = new JsonArray(grant) };

    private JsonObject Claims(string role)
    {
        var claims = Issuer.Claims(role is "all" or "mine" or "none" ? role : "verb-" + role.Replace(':', '-'), Audience);
        if (role == "all")
        {
            claims["groups"] = new JsonArray("some", "all");
        }

        return claims;
    }

    private JsonObject Changed(string claim, JsonNode? value)
    {
        var claims = Claims("all");
        claims.Remove(claim);
        if (value is not null)
        {
            claims[claim] = value;
        }

        return claims;
    }

    private string Tampered()
    {
        var (mine, all) = (Token("mine").Split('.'), Token("all").Split('.'));
        return $"{mine[0]}.{all[1]}.{mine[2]}";
    }
}
