using EtcdBackup.Host.Access.Jwt;

namespace EtcdBackup.Host.Configuration;

/// <summary>What is wrong with the issuers of JSON web tokens.</summary>
internal static class JwtProblems
{
    /// <summary>All problems, in words that say what to do.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<JwtSettings> issuers) => issuers.SelectMany((jwt, i) => (IEnumerable<string>)
    [
        .. NameProblems($"Http:Jwt:{i}", jwt, issuers.Take(i)),
        .. SourceProblems($"Http:Jwt:{i}", jwt),
        .. AccessProblems.RuleProblems($"Http:Jwt:{i}:Grants", jwt.Grants, claims: null),
    ]);

    private static IEnumerable<string> NameProblems(string path, JwtSettings jwt, IEnumerable<JwtSettings> before)
    {
        if (jwt.Issuer == "")
        {
            yield return $"{path}:Issuer is empty: write what the tokens have as iss, letter by letter";
        }
        else if (before.Any(b => b.Issuer == jwt.Issuer))
        {
            yield return $"{path}:Issuer is '{jwt.Issuer}', and an earlier one is too: write all its grants into one";
        }

        if (jwt.Audience == "")
        {
            yield return $"{path}:Audience is empty, and a token made for another service would open this one: name the audience that " +
                "only tokens for this service have";
        }

        if (jwt.NameClaim == "")
        {
            yield return $"{path}:NameClaim is empty: name the claim that tells callers apart, e.g. sub";
        }
    }

    private static IEnumerable<string> SourceProblems(string path, JwtSettings jwt)
    {
        if ((jwt.Authority == "") == (jwt.JwksFile == ""))
        {
            return [$"{path} needs either Authority or JwksFile: say where the issuer's keys are"];
        }

        if (jwt.Authority == "")
        {
            return
            [
                .. AccessProblems.FileProblems($"{path}:JwksFile", jwt.JwksFile, text =>
                {
                    KeyFile.Parse(text, jwt.Issuer);
                    return [];
                }),
                .. jwt.CaFile + jwt.TokenFile == "" ? Array.Empty<string>()
                    : [$"{path}:CaFile and TokenFile are for Authority: take them out, or JwksFile"],
            ];
        }

        return
        [
            .. Uri.TryCreate(jwt.Authority, UriKind.Absolute, out var authority) && authority.Scheme == Uri.UriSchemeHttps &&
                authority.Query + authority.Fragment == "" ? Array.Empty<string>()
                : [$"{path}:Authority is '{jwt.Authority}': write https://HOST, where /.well-known/openid-configuration is"],
            .. AccessProblems.AuthorityProblems($"{path}:CaFile", jwt.CaFile),
            .. AccessProblems.FileProblems($"{path}:TokenFile", jwt.TokenFile, _ => []),
        ];
    }
}
