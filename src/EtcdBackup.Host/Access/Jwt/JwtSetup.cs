using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace EtcdBackup.Host.Access.Jwt;

/// <summary>Login by JSON web tokens: one scheme of ASP.NET's for each issuer.</summary>
internal static class JwtSetup
{
    // A symmetric key is no secret where everybody may read the keys, and "none" is no signature.
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(10);

    // For keys that an issuer withdraws.
    private static readonly TimeSpan FetchEvery = TimeSpan.FromMinutes(10);

    // Anybody may name a key that there is not.
    private static readonly TimeSpan FetchForUnknownKeyEvery = TimeSpan.FromSeconds(10);

    /// <summary>Adds the issuers.</summary>
    public static void AddJwt(this AuthenticationBuilder login, IEnumerable<JwtIssuer> issuers)
    {
        foreach (var issuer in issuers)
        {
            login.AddJwtBearer(issuer.Scheme, _ => { });
            login.Services.AddOptions<JwtBearerOptions>(issuer.Scheme).Configure<ILoggerFactory>((o, l) => Configure(o, issuer, l));
        }
    }

    /// <summary>The issuer that a token says it is of; null if it is no JSON web token. Nothing is proven by that.</summary>
    public static string? IssuerIn(string token)
    {
        try
        {
            return token.Count(c => c == '.') == 2 ? new JsonWebToken(token).Issuer : null;
        }
        catch (ArgumentException)
        {
            // It has two dots and is no JSON web token: it may be one of the token file.
            return null;
        }
    }

    private static void Configure(JwtBearerOptions options, JwtIssuer issuer, ILoggerFactory loggers)
    {
        options.ConfigurationManager = issuer.JwksFile == "" ? Discovery(issuer, loggers)
            : new KeyFile(issuer, loggers.CreateLogger<KeyFile>());
        options.Events = new JwtLogin(issuer, loggers.CreateLogger<JwtLogin>());
        options.MapInboundClaims = false;
        options.SaveToken = false;
        options.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = issuer.Issuer,
            ValidAudience = issuer.Audience,
            ValidAlgorithms = Algorithms,
            ClockSkew = ClockSkew,
        };
    }

    private static ConfigurationManager<OpenIdConnectConfiguration> Discovery(JwtIssuer issuer, ILoggerFactory loggers)
    {
        var client = new HttpClient(new IssuerHandler(issuer)) { Timeout = FetchTimeout };
        return new ConfigurationManager<OpenIdConnectConfiguration>(
            issuer.Authority.TrimEnd('/') + "/.well-known/openid-configuration",
            new KeyDiscovery(issuer, loggers.CreateLogger<KeyDiscovery>()), new HttpDocumentRetriever(client) { RequireHttps = true })
        {
            AutomaticRefreshInterval = FetchEvery,
            RefreshInterval = FetchForUnknownKeyEvery,
            // A key that was withdrawn would be good for another hour.
            UseLastKnownGoodConfiguration = false,
        };
    }
}
