using EtcdBackup.Host.Access;
using EtcdBackup.Host.Access.Certificates;

namespace EtcdBackup.Host.Configuration;

/// <summary>The HTTP side.</summary>
internal sealed class HttpSettings
{
    /// <summary>Addresses to listen on, separated by ';'.</summary>
    public string Urls { get; set; } = "http://127.0.0.1:19999";

    /// <summary>
    /// A file with the tokens of callers: on each line <c>NAME sha256:HEX GRANT …</c>, or a token alone, which may do everything.
    /// Empty: no login by such tokens.
    /// </summary>
    public string TokenFile { get; set; } = "";

    /// <summary>Whose JSON web tokens log in.</summary>
    public IReadOnlyList<JwtSettings> Jwt { get; set; } = [];

    /// <summary>Which client certificates log in.</summary>
    public ClientCertificateSettings ClientCertificates { get; set; } = new();

    /// <summary>What callers without a login may do: grants, such as <c>status</c> or <c>backup:read@team-a/*</c>. Empty: nothing, or
    /// everything where there is no way to log in and only this machine can call.</summary>
    public IReadOnlyList<string> AllowAnonymous { get; set; } = [];

    /// <summary>TLS for callers.</summary>
    public HttpTlsSettings Tls { get; set; } = new();

    /// <summary>Seconds that <c>backupnow</c> waits before it answers 504; the backup continues.</summary>
    public int BackupNowTimeoutInSecond { get; set; } = 3600;

    /// <summary>How many calls of <c>backupnow</c> a caller may make for one cluster within a minute; 0: any number.</summary>
    public int BackupNowPerMinute { get; set; } = 120;

    /// <summary>How many backups of one cluster a caller is sent at once; the next calls wait. 0: any number.</summary>
    public int DownloadsPerCluster { get; set; } = 64;

    /// <summary>Whether there is a way to log in.</summary>
    public bool HasLogin => TokenFile != "" || Jwt.Count > 0 || ClientCertificates.CaFile != "";

    /// <summary>Who may call. The settings must be sound.</summary>
    public AccessOptions ToAccess() => new(
        TokenFile,
        [.. Jwt.Select(j => j.ToIssuer())],
        new CertificateOptions(ClientCertificates.CaFile, [.. ClientCertificates.Grants.Select(g => g.ToRule())]),
        // Without a login only this machine can call, and its users may do everything; the settings are refused otherwise.
        AllowAnonymous.Count == 0 && !HasLogin ? [Grant.Everything] : [.. AllowAnonymous.Select(Grant.Parse)]);
}
