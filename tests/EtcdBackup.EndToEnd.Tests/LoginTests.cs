using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

public sealed class LoginTests : IAsyncDisposable
{
    private const string Path = "/v1/clusters";

    private const string Ask =
        """printf 'GET /v1/clusters HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' | openssl s_client -quiet "$@" 2>&1 || true""";

    private readonly Logins _logins = new();
    private readonly ServiceProcess _service = new ServiceProcess().WithDashboard();

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        _logins.Dispose();
    }

    [Fact]
    public async Task A_token_that_is_not_good_is_refused_with_the_reason_and_is_never_shown()
    {
        await StartAsync();
        var letIn = new List<string>();
        foreach (var (name, token, why) in _logins.BadTokens())
        {
            using var answer = await _service.GetAsync(Path, token: token);
            var text = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode != HttpStatusCode.Unauthorized)
            {
                letIn.Add(name);
                continue;
            }

            Assert.StartsWith(why, Detail(text), StringComparison.Ordinal);
            Assert.All(token.Split('.').Where(p => p != ""), part =>
            {
                Assert.DoesNotContain(part, text, StringComparison.Ordinal);
                Assert.DoesNotContain(part, _service.Output, StringComparison.Ordinal);
            });
        }

        Assert.True(letIn.Count == 0, string.Join(", ", letIn));
        await LoggedAsync("Refused a token of 'https://issuer.test': the token is expired");
    }

    [Fact]
    public async Task A_valid_token_that_no_rule_is_for_makes_somebody_known_who_may_do_nothing()
    {
        await StartAsync();
        foreach (var path in new[] { Path, "/openapi/v1.json", "/scalar/", "/", "/metrics", "/dashboard/", "/nothing/here" })
        {
            using var answer = await _service.GetAsync(path, token: _logins.Token("none"));
            Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{path}: {answer.StatusCode}");
            Assert.Equal("'none' may do nothing: no rule of Http:Jwt or Http:ClientCertificates fits them",
                Detail(await answer.Content.ReadAsStringAsync()));
        }
    }

    // As kubelet does it: the file is behind a symbolic link, and the link is swapped.
    [Fact]
    public async Task New_keys_in_the_file_need_no_restart_and_those_that_are_gone_are_refused_at_once()
    {
        Directory.CreateDirectory(_service["old"]);
        await File.WriteAllTextAsync(_service["old/jwks"], _logins.Issuer.Jwks);
        Directory.CreateSymbolicLink(_service["link"], _service["old"]);
        await StartAsync(http => http["Jwt"]![0]!["JwksFile"] = _service["link/jwks"]);
        var before = _logins.Token("all");
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(before));

        _logins.Issuer.Rotate();
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(_logins.Token("all")));
        Directory.CreateDirectory(_service["new"]);
        await File.WriteAllTextAsync(_service["new/jwks"], _logins.Issuer.Jwks);
        Directory.CreateSymbolicLink(_service["next"], _service["new"]);
        await ChildProcess.RunAsync("mv", "-T", _service["next"], _service["link"]);
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(_logins.Token("all")));
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(before));

        await File.WriteAllTextAsync(_service["new/jwks"], "half a fi");
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(_logins.Token("all")));
        await LoggedAsync("cannot be used: it is no JSON web key set");
    }

    [Fact]
    public async Task A_failed_login_never_becomes_anonymous_and_a_token_counts_before_a_certificate()
    {
        await StartAsync(http => http["AllowAnonymous"] = new JsonArray("status"));
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(null));
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync("wrong"));
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(_logins.BadTokens().First().Token));
        var (stranger, owner) = (_logins.Client(_logins.Stranger, "all"), _logins.Client(_logins.Root, "all"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.GetAsync(Path)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync(Path)).StatusCode);
        owner.DefaultRequestHeaders.Authorization = new("Bearer", "wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, (await owner.GetAsync(Path)).StatusCode);
        stranger.DefaultRequestHeaders.Authorization = new("Bearer", _logins.Token("all"));
        Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync(Path)).StatusCode);
    }

    [Theory]
    [InlineData("another authority's", "was issued by 'CN=unknown', which is not in Http:ClientCertificates:CaFile")]
    [InlineData("another authority's of the same name", "has a signature that is not its issuer's")]
    [InlineData("a server's", "may not be used by a client: its extended key usage does not allow it")]
    [InlineData("expired", "expired at ")]
    public async Task A_certificate_that_is_not_trusted_is_refused_and_the_log_tells_why(string kind, string why)
    {
        await StartAsync();
        var client = kind switch
        {
            "expired" => _logins.Client(_logins.Root, "all", hours: (-9, -1)),
            "another authority's" => _logins.Client(_logins.Unknown, "all"),
            "a server's" => _logins.Client(_logins.Root, "all", usages: [TestAuthority.ServerUsage]),
            _ => _logins.Client(_logins.Stranger, "all"),
        };
        using var answer = await client.GetAsync(Path);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("the client certificate is not accepted: the service's log tells why",
            Detail(await answer.Content.ReadAsStringAsync()));
        await LoggedAsync($"Refused the client certificate 'CN=all': it {why}");
    }

    [Fact]
    public async Task Certificates_log_in_with_their_intermediates_on_every_connection()
    {
        await StartAsync();
        foreach (var role in new[] { "all", "dns-a.test" })
        {
            foreach (var issuer in new[] { _logins.Root, _logins.Intermediate })
            {
                for (var i = 0; i < 3; i++)
                {
                    using var client = _logins.Client(issuer, role);
                    Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Path)).StatusCode);
                }
            }
        }
    }

    // A session that is resumed holds the certificate without its intermediates. A server may also give none to resume.
    [Fact]
    public async Task A_resumed_connection_logs_in_too()
    {
        await StartAsync();
        var (pem, key) = _logins.Intermediate.Issue("all", "client.test", uri: "spiffe://test/all");
        await File.WriteAllTextAsync(_service["cert"], pem);
        await File.WriteAllTextAsync(_service["key"], key);
        await File.WriteAllTextAsync(_service["chain"], _logins.Intermediate.Pem);
        var server = _logins.Client(_logins.Root, "all").BaseAddress!.Authority;
        foreach (var version in new[] { "-tls1_2", "-tls1_3" })
        {
            foreach (var session in new[] { "-sess_out", "-sess_in" })
            {
                var file = _service["session" + version];
                string[] resume = session == "-sess_out" || File.Exists(file) ? [session, file] : [];
                var answer = await ChildProcess.RunAsync("sh", ["-c", Ask, "sh", version, "-connect", server, "-cert", _service["cert"],
                    "-key", _service["key"], "-cert_chain", _service["chain"], .. resume]);
                Assert.True(answer.Contains("HTTP/1.1 200", StringComparison.Ordinal), $"{version} {session}: {answer}");
            }
        }
    }

    [Fact]
    public async Task An_authority_that_is_taken_out_of_the_file_is_refused_at_once()
    {
        await StartAsync();
        var client = _logins.Client(_logins.Root, "all");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Path)).StatusCode);
        await File.WriteAllTextAsync(_logins.CaFile, _logins.Stranger.Pem);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(Path)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _logins.Client(_logins.Stranger, "all").GetAsync(Path)).StatusCode);
    }

    [Fact]
    public async Task Keys_are_fetched_from_where_discovery_finds_them_and_fetched_again_for_a_new_key()
    {
        using var certificates = new TestCertificates();
        await using var server = await DiscoveryServer.StartAsync(_logins.Issuer, certificates, "its-token");
        await File.WriteAllTextAsync(_service["issuer-token"], "its-token\n");
        await StartAsync(http =>
        {
            var jwt = (JsonObject)http["Jwt"]![0]!;
            jwt.Remove("JwksFile");
            (jwt["Authority"], jwt["CaFile"], jwt["TokenFile"]) = (server.Url, certificates.CaFile, _service["issuer-token"]);
        });
        Assert.Equal(HttpStatusCode.OK, await CodeAsync(_logins.Token("all")));
        _logins.Issuer.Rotate();
        await Workspace.UntilAsync(async () => await CodeAsync(_logins.Token("all")) == HttpStatusCode.OK, "the new key is known", 60);
        Assert.InRange(server.Fetches, 2, 9);
    }

    [Fact]
    public async Task Keys_that_cannot_be_fetched_let_nobody_in_and_the_log_tells_why()
    {
        using var certificates = new TestCertificates();
        using var others = new TestCertificates();
        await using var server = await DiscoveryServer.StartAsync(_logins.Issuer, certificates, "");
        await StartAsync(http =>
        {
            var jwt = (JsonObject)http["Jwt"]![0]!;
            jwt.Remove("JwksFile");
            (jwt["Authority"], jwt["CaFile"]) = (server.Url, others.CaFile);
        });
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(_logins.Token("all")));
        await LoggedAsync($"the keys of 'https://issuer.test' cannot be read from {server.Url}");
        await LoggedAsync("its certificate has a signature that is not its issuer's");
        Assert.Equal(0, server.Fetches);
    }

    private static string Detail(string problem) => JsonDocument.Parse(problem).RootElement.GetProperty("detail").GetString()!;

    private async Task StartAsync(Action<JsonObject>? change = null)
    {
        _logins.Configure(_service);
        change?.Invoke((JsonObject)_service.Config["Http"]!);
        await _service.StartAsync(waitReady: false);
        await _service.UntilServingAsync();
    }

    private async Task<HttpStatusCode> CodeAsync(string? token)
    {
        using var answer = await _service.GetAsync(Path, token: token);
        return answer.StatusCode;
    }

    private async Task LoggedAsync(string text)
    {
        for (var i = 0; i < 100 && !_service.Output.Contains(text, StringComparison.Ordinal); i++)
        {
            await Task.Delay(100);
        }

        Assert.True(_service.Output.Contains(text, StringComparison.Ordinal), $"'{text}' is not in: {_service.Output}");
    }
}
