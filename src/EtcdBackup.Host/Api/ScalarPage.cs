using System.Security.Cryptography;
using Scalar.AspNetCore;

namespace EtcdBackup.Host.Api;

/// <summary>
/// The page to browse the API. It works offline and sends nothing to third parties: the online features of Scalar are off (share, AI,
/// deploy, SDKs, MCP, developer tools, telemetry, fonts, request proxy), and the content security policy allows only our own origin, so
/// that a newer version of the page cannot bring any of them back.
/// </summary>
internal static class ScalarPage
{
    /// <summary>Serves it.</summary>
    public static IEndpointConventionBuilder MapScalarPage(
        this IEndpointRouteBuilder app, string path) => app.MapScalarApiReference(path, (options, context) =>
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
            "font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        options.WithTitle("EtcdBackup.Orleans").WithNonce(nonce).DisableDefaultFonts().WithProxy("").DisableAgent().DisableMcp();
        options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
        options.HideClientButton = true;
        options.Telemetry = false;
        // Otherwise the links to Scalar's site would tell it that the service is built with .NET.
        options.DotNetFlag = false;
    });
}
