using EtcdBackup.Tls;

namespace EtcdBackup.Host.Configuration;

/// <summary>Finds why callers could not speak TLS where they should.</summary>
internal static class HttpTlsProblems
{
    public static IEnumerable<string> Of(HttpSettings http)
    {
        var isHttps = http.Urls.Contains("https://", StringComparison.OrdinalIgnoreCase);
        if (!http.Tls.IsUsed)
        {
            return isHttps ? [$"Http:Urls is '{http.Urls}', and there is no certificate: set Http:Tls:CertFile and KeyFile"] : [];
        }

        var problems = PemSetting.ProblemsOf(() => TlsIdentity.Parse(http.Tls.Read()));
        return isHttps ? problems : problems.Append(
            $"Http:Tls is set, and Http:Urls is '{http.Urls}', without TLS: write https://ADDRESS:PORT, or leave Http:Tls out");
    }
}
