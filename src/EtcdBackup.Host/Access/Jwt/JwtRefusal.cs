using Microsoft.IdentityModel.Tokens;

namespace EtcdBackup.Host.Access.Jwt;

/// <summary>Why a token is refused, in words for its bearer. Nothing of the token is in them.</summary>
internal static class JwtRefusal
{
    /// <summary>The sentence.</summary>
    public static string Of(Exception fault, JwtIssuer issuer) => fault switch
    {
        SecurityTokenExpiredException => "the token is expired: get a new one",
        SecurityTokenNotYetValidException => "the token is not valid yet: compare the clocks",
        SecurityTokenNoExpirationException => "the token has no end (exp): get one that expires",
        SecurityTokenInvalidLifetimeException => "the token's times (nbf, exp) cannot be",
        SecurityTokenInvalidAudienceException => $"the token is for another audience: get one for '{issuer.Audience}'",
        SecurityTokenInvalidIssuerException => "the token is of another issuer",
        SecurityTokenSignatureKeyNotFoundException => "the token is signed with a key that is not among those of its issuer: try " +
            "again in some seconds; if that does not help, the service's log may tell why",
        SecurityTokenException => "the token's signature is wrong, or of a kind that is not accepted",
        _ => "the token cannot be checked: the service's log tells why",
    };
}
