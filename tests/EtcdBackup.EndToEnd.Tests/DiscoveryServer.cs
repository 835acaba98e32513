using System.Security.Cryptography.X509Certificates;
using EtcdBackup.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Shows the keys of an issuer by OIDC discovery, to who has its token.</summary>
internal sealed class DiscoveryServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _fetches;

    private DiscoveryServer(WebApplication app, string url) => (_app, Url) = (app, url);

    public string Url { get; }

    /// <summary>How often the keys were read.</summary>
    public int Fetches => _fetches;

    public static async Task<DiscoveryServer> StartAsync(TestIssuer issuer, TestCertificates certificates, string token)
    {
        var port = Workspace.FreePorts(1)[0];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.ListenLocalhost(port, l => l.UseHttps(
            X509Certificate2.CreateFromPemFile(certificates.ServerCert, certificates.ServerKey))));
        var server = new DiscoveryServer(builder.Build(), $"https://127.0.0.1:{port}");
        server._app.MapGet("/.well-known/openid-configuration", (HttpRequest request) => IsAllowed(request, token)
            ? Results.Json(new Dictionary<string, string> { ["issuer"] = issuer.Issuer, ["jwks_uri"] = server.Url + "/keys" })
            : Results.Unauthorized());
        server._app.MapGet("/keys", (HttpRequest request) =>
        {
            Interlocked.Increment(ref server._fetches);
            return IsAllowed(request, token) ? Results.Text(issuer.Jwks, "application/json") : Results.Unauthorized();
        });
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static bool IsAllowed(HttpRequest request, string token) =>
        token == "" || request.Headers.Authorization.ToString() == $"Bearer {token}";
}
