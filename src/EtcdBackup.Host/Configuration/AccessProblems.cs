using EtcdBackup.Host.Access;
using EtcdBackup.Host.Access.Certificates;
using EtcdBackup.Tls;

namespace EtcdBackup.Host.Configuration;

/// <summary>What is wrong with the settings of who may call.</summary>
internal static class AccessProblems
{
    /// <summary>All problems, in words that say what to do.</summary>
    public static IEnumerable<string> Of(HttpSettings http) =>
    [
        .. http.AllowAnonymous.Select(Grant.ProblemOf).Where(p => p is not null).Select(p => $"Http:AllowAnonymous: {p}"),
        .. FileProblems("Http:TokenFile", http.TokenFile, text => TokenList.Parse(text).Problems),
        .. JwtProblems.Of(http.Jwt),
        .. CertificateProblems(http),
    ];

    /// <summary>Problems of a file that a setting may name.</summary>
    /// <param name="path">The setting.</param>
    /// <param name="file">The file; empty: there is none.</param>
    /// <param name="find">Finds the problems of its text; a <see cref="FormatException"/> or <see cref="TlsFaultException"/> is one
    /// too.</param>
    public static IEnumerable<string> FileProblems(string path, string file, Func<string, IReadOnlyList<string>> find)
    {
        if (file == "")
        {
            return [];
        }

        if (!File.Exists(file))
        {
            return [$"{path} is '{file}': there is no such file"];
        }

        try
        {
            return [.. find(File.ReadAllText(file)).Select(p => $"{path} '{file}', {p}")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [$"{path} '{file}', it cannot be read: {e.Message}"];
        }
        catch (Exception e) when (e is FormatException or TlsFaultException)
        {
            return [$"{path} '{file}': {e.Message}"];
        }
    }

    /// <summary>Problems of a file of certificates.</summary>
    public static IEnumerable<string> AuthorityProblems(string path, string file) => FileProblems(path, file, pem =>
    {
        Authorities.Parse(pem, "the file");
        return [];
    });

    /// <summary>Problems of rules that give grants.</summary>
    /// <param name="path">The list.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="claims">What they may ask for; null: anything.</param>
    public static IEnumerable<string> RuleProblems(string path, IReadOnlyList<GrantRuleSettings> rules, IReadOnlyList<string>? claims) =>
        rules.Count == 0 ? [$"{path} is empty: say who may do what, or nobody may do anything"]
        : rules.SelectMany((rule, i) => RuleProblems($"{path}:{i}", rule, claims));

    private static IEnumerable<string> RuleProblems(string path, GrantRuleSettings rule, IReadOnlyList<string>? claims)
    {
        if (rule.Claim == "" || claims?.Contains(rule.Claim) is false)
        {
            var allowed = claims is null ? "a claim, e.g. sub" : $"one of {string.Join(", ", claims)}";
            yield return $"{path}:Claim is '{rule.Claim}': write {allowed}";
        }

        if (rule.Value == "" || rule.Value[..^1].Contains('*', StringComparison.Ordinal))
        {
            yield return $"{path}:Value is '{rule.Value}': write a text, with a * at its end for many";
        }

        if (rule.Grants.Count == 0)
        {
            yield return $"{path}:Grants is empty: write {Grant.Form}";
        }

        foreach (var problem in rule.Grants.Select(Grant.ProblemOf).Where(p => p is not null))
        {
            yield return $"{path}:Grants: {problem}";
        }
    }

    private static IEnumerable<string> CertificateProblems(HttpSettings http)
    {
        const string Path = "Http:ClientCertificates";
        var settings = http.ClientCertificates;
        if (settings.CaFile == "")
        {
            return settings.Grants.Count == 0 ? [] : [$"{Path}:Grants is set, and {Path}:CaFile is not: name who issues the certificates"];
        }

        return
        [
            .. AuthorityProblems($"{Path}:CaFile", settings.CaFile),
            .. RuleProblems($"{Path}:Grants", settings.Grants, CertificateClaims.Known),
            .. http.Urls.Contains("https://", StringComparison.OrdinalIgnoreCase) ? Array.Empty<string>()
                : [$"{Path}:CaFile is set, and nobody can show a certificate: Http:Urls has no https:// address"],
        ];
    }
}
