using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>
/// Whatever callers log in with, what the service shows them, and what it logs in with itself is replaced while requests run. (Those of
/// silos: <see cref="SiloTlsTests"/>.)
/// </summary>
public sealed class RotationTests(ObjectStores servers) : IDisposable
{
    private const string Audience = "etcd-backup";

    private readonly TestAuthority _servers = new("servers");
    private readonly TestAuthority _oldClients = new("old clients");
    private readonly TestAuthority _newClients = new("new clients");
    private readonly TestIssuer _issuer = new("https://issuer.test");
    private readonly TestCertificates _etcd = new();
    private readonly int _port = Workspace.FreePorts(1)[0];

    private volatile string _token = "first-token";
    private volatile string _jwt = "";
    private volatile X509Certificate2 _client = null!;

    [Fact]
    public async Task Each_credential_is_replaced_under_load_and_no_request_is_lost()
    {
        await using var etcd = await EtcdServers.StartAsync(new EtcdOptions { Tls = _etcd.Arguments });
        await using var service = new ServiceProcess();
        var login = new MountedSecret(service["login"]);
        var (first, oldJwks) = (_servers.Issue("first", "localhost"), _issuer.Jwks);
        login.Write(Files(_token, oldJwks, _oldClients.Pem, first));
        (_jwt, _client) = (Jwt(), Client(_oldClients));
        var key = await StoreKeyAsync(service, "first-key");
        var member = new MountedSecret(service["member"]);
        member.Write(MemberFiles("member.pem"));
        await ConfigureAsync(service, login, member, etcd);

        await using var load = new RequestLoad(
            ("token", () => AskAsync(service.Client, "status", _token)),
            ("JSON web token", () => AskAsync(service.Client, "status", _jwt)),
            ("certificate", WithCertificateAsync),
            ("download", () => AskAsync(service.Client, "backup", _token)),
            ("backup", () => BackUpAsync(etcd, service)));
        await load.RunOnAsync();

        var old = (Token: _token, Jwt: _jwt, Client: _client);
        login.Write(Files("first-token\nother-token", oldJwks, _oldClients.Pem, first));
        _token = "other-token";
        await load.RunOnAsync();
        login.Write(Files("other-token", oldJwks, _oldClients.Pem, first));
        await load.RunOnAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service.Client, old.Token));

        _issuer.Rotate();
        login.Write(Files("other-token", Both(oldJwks, _issuer.Jwks), _oldClients.Pem, first));
        _jwt = Jwt();
        await load.RunOnAsync();
        login.Write(Files("other-token", _issuer.Jwks, _oldClients.Pem, first));
        await load.RunOnAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service.Client, old.Jwt));

        login.Write(Files("other-token", _issuer.Jwks, _oldClients.Pem + "\n" + _newClients.Pem, first));
        _client = Client(_newClients);
        await load.RunOnAsync();
        login.Write(Files("other-token", _issuer.Jwks, _newClients.Pem, first));
        await load.RunOnAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await SeeAsync(old.Client)).Status);

        Assert.Equal("CN=first", (await SeeAsync(_client)).Server);
        login.Write(Files("other-token", _issuer.Jwks, _newClients.Pem, _servers.Issue("second", "localhost")));
        await Workspace.UntilAsync(async () => (await SeeAsync(_client)).Server == "CN=second", "the new certificate is shown");
        await load.RunOnAsync();
        login.Write(Files("other-token", _issuer.Jwks, _newClients.Pem, _servers.Issue("expired", "localhost", hours: (-9, -1))));
        await Workspace.UntilAsync(
            () => Task.FromResult(
                service.Output.Contains("New connections of callers use what was in force before", StringComparison.Ordinal)),
            "the expired one is refused");
        Assert.Equal("CN=second", (await SeeAsync(_client)).Server);
        Assert.Contains("New connections of callers use the renewed files: Http:Tls:CertFile", service.Output, StringComparison.Ordinal);

        member.Write(MemberFiles("other.pem"));
        await load.RunOnAsync();
        await StoreKeyAsync(service, "second-key");
        await load.RunOnAsync();
        await (await servers.S3).AdminAsync("key", "rm", "--key-type=s3", $"--access-key={key}");
        await load.RunOnAsync();

        Assert.Empty(await load.StopAsync());
    }

    public void Dispose()
    {
        foreach (var one in new IDisposable[] { _servers, _oldClients, _newClients, _issuer, _etcd })
        {
            one.Dispose();
        }
    }

    private static (string, string)[] Files(string tokens, string jwks, string clients, (string Certificate, string Key) server) =>
        [("tokens", tokens + "\n"), ("jwks", jwks), ("clients.pem", clients), ("tls.crt", server.Certificate), ("tls.key", server.Key)];

    private static string Both(string first, string second)
    {
        var all = JsonNode.Parse(first)!;
        all["keys"]!.AsArray().Add(JsonNode.Parse(second)!["keys"]![0]!.DeepClone());
        return all.ToJsonString();
    }

    private static X509Certificate2 Client(TestAuthority authority)
    {
        var (certificate, key) = authority.Issue("ci", "client.test");
        return X509Certificate2.CreateFromPem(certificate, key);
    }

    private static JsonObject Rule(string claim, string value) =>
        new() { ["Claim"] = claim, ["Value"] = value, ["Grants"] = new JsonArray("*") };

    private static async Task<string?> AskAsync(HttpClient client, string what, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/clusters/default/example/{what}");
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        using var answer = await client.SendAsync(request);
        var length = (await answer.Content.ReadAsByteArrayAsync()).Length;
        return answer.IsSuccessStatusCode && length > 0 ? null : $"{what}: {answer} {await answer.Content.ReadAsStringAsync()}";
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/clusters");
        request.Headers.Authorization = new("Bearer", token);
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private (string, string)[] MemberFiles(string name)
    {
        using var scratch = new ScratchDirectory();
        _etcd.Issue("root", scratch[name], scratch["key.pem"]);
        return [("tls.crt", File.ReadAllText(scratch[name])), ("tls.key", File.ReadAllText(scratch["key.pem"]))];
    }

    private string Jwt() => _issuer.Sign(_issuer.Claims("ci", Audience));

    private async Task ConfigureAsync(ServiceProcess service, MountedSecret login, MountedSecret member, EtcdServers etcd)
    {
        var http = service.Config["Http"]!;
        http["Urls"] = $"https://127.0.0.1:{_port};{http["Urls"]}";
        http["Tls"] = new JsonObject { ["CertFile"] = login["tls.crt"], ["KeyFile"] = login["tls.key"] };
        http["TokenFile"] = login["tokens"];
        http["Jwt"] = new JsonArray(new JsonObject
        {
            ["Issuer"] = _issuer.Issuer,
            ["Audience"] = Audience,
            ["JwksFile"] = login["jwks"],
            ["Grants"] = new JsonArray(Rule("sub", "ci")),
        });
        http["ClientCertificates"] = new JsonObject { ["CaFile"] = login["clients.pem"], ["Grants"] = new JsonArray(Rule("CN", "ci")) };
        service.Config["Backups"]!["SecretsDirectory"] = service["secrets"];
        var cluster = ServiceProcess.Cluster("example", etcd.Endpoints, maxBackups: 3);
        cluster["tls"] = new JsonObject
        {
            ["caFile"] = _etcd.CaFile,
            ["certFile"] = member["tls.crt"],
            ["keyFile"] = member["tls.key"],
            ["serverName"] = "etcd.test",
        };
        var backup = cluster["backup"]!;
        backup["storageType"] = "S3";
        backup["s3"] = await NewStore.BucketAsync(await servers.S3);
        await service.With(cluster).StartAsync(waitReady: false);
        await Workspace.UntilAsync(async () =>
        {
            try
            {
                return await AskAsync(service.Client, "backupnow", _token) is null;
            }
            catch (HttpRequestException) when (!service.Process.HasExited)
            {
                return false;
            }
        }, "there is a backup");
    }

    // A new key for the store, in the secret.
    private async Task<string> StoreKeyAsync(ServiceProcess service, string name)
    {
        var s3 = await servers.S3;
        var (key, secret) = ($"KEY{Guid.NewGuid():N}", Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));
        await s3.AdminAsync("key", "create", "--uid=test", "--key-type=s3", $"--access-key={key}", $"--secret-key={secret}");
        new MountedSecret(service["secrets/aws"]).Write(
            ("credentials", $"# {name}\n[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"),
            ("config", "[default]\nregion = us-east-1\n"));
        return key;
    }

    private async Task<string?> BackUpAsync(EtcdServers etcd, ServiceProcess service)
    {
        await etcd.CtlAsync("put", "a", Guid.NewGuid().ToString("N"));
        return await AskAsync(service.Client, "backupnow", _token);
    }

    private async Task<string?> WithCertificateAsync() =>
        await SeeAsync(_client) is { Status: HttpStatusCode.OK } ? null : "refused";

    // On a connection of its own.
    private async Task<(HttpStatusCode Status, string Server)> SeeAsync(X509Certificate2 certificate)
    {
        var server = "";
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(certificate, [], offline: true),
                RemoteCertificateValidationCallback = (_, shown, _, _) => (server = shown!.Subject) != "",
            },
        };
        using var client = new HttpClient(handler);
        using var answer = await client.GetAsync(new Uri($"https://127.0.0.1:{_port}/v1/clusters"));
        return (answer.StatusCode, server);
    }
}
