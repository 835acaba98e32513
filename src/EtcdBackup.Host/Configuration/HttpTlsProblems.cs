using EtcdBackup.Tls;

namespace EtcdBackup.Host.Configuration;

/// <summary>Finds why callers could not speak TLS where they should.</summary>
internal static class HttpTlsProblems
{
    public static IEnumerable<string> Of(HttpSettings http)
    {
        var isHttps = http.Urls.Contains("https://", StringComparison.OrdinalIgnoreCase);
        if (isHttps && !http.Tls.IsUsed)
        {
            yield return $"Http:Urls is '{http.Urls}', and there is no certificate: set Http:Tls:CertFile and KeyFile";
        }
        else if (!isHttps && http.Tls.IsUsed)
        {
            yield return $"Http:Tls is set, and Http:Urls is '{http.Urls}', without TLS: write https://ADDRESS:PORT, or leave Http:Tls out";
        }

        if (http.Tls.IsUsed && FaultOf(http.Tls) is { } fault)
        {
            yield return fault;
        }
    }

    private static string? FaultOf(HttpTlsSettings tls)
    {
        try
        {
            _ = TlsIdentity.Parse(tls.Read());
            return null;
        }
        catch (TlsFaultException e)
        {
            return e.Message;
        }
    }
}
