using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace EtcdBackup.Host.Access.Jwt;

/// <summary>The keys of an issuer in a file, as it is now.</summary>
internal sealed class KeyFile(JwtIssuer issuer, ILogger<KeyFile> logger) : IConfigurationManager<OpenIdConnectConfiguration>
{
    private readonly FollowedFile<OpenIdConnectConfiguration> _file =
        new("Http:Jwt:JwksFile", issuer.JwksFile, text => Parse(text, issuer.Issuer), logger);

    /// <summary>Reads a JSON web key set.</summary>
    /// <exception cref="FormatException">It is none, or has no key that can be used; the message says why.</exception>
    public static OpenIdConnectConfiguration Parse(string text, string issuer)
    {
        try
        {
            var configuration = new OpenIdConnectConfiguration { Issuer = issuer };
            foreach (var key in new JsonWebKeySet(text).GetSigningKeys())
            {
                configuration.SigningKeys.Add(key);
            }

            return configuration.SigningKeys.Any(k => k is AsymmetricSecurityKey) ? configuration
                : throw new FormatException("it has no public key for signatures; it must be a JSON web key set, { \"keys\": [ … ] }");
        }
        catch (ArgumentException e)
        {
            throw new FormatException("it is no JSON web key set, { \"keys\": [ … ] }", e);
        }
    }

    /// <inheritdoc/>
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel) =>
        await _file.ReadAsync(cancel) ?? new OpenIdConnectConfiguration { Issuer = issuer.Issuer };

    /// <inheritdoc/>
    public void RequestRefresh()
    {
        // It is read for each request.
    }
}
