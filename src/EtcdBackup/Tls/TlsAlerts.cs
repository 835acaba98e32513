namespace EtcdBackup.Tls;

/// <summary>What the other side said when it ended a TLS connection (RFC 8446, 6.2).</summary>
public static class TlsAlerts
{
    private static readonly string[] OfCertificates =
        ["certificate required", "bad certificate", "unknown ca", "certificate unknown", "certificate expired", "unsupported certificate",
            "handshake failure"];

    /// <summary>Explains an alert about our client certificate, wherever in an exception it is; null if there is none.</summary>
    public static string? Explain(Exception exception) => AboutCertificate(exception) is not { } alert ? null
        : $"it wants a client certificate that it accepts, and ended the connection with '{alert}': give certificate and key, issued for " +
            "client use by an authority that it trusts";

    /// <summary>The alert about our certificate, wherever in an exception it is; null if there is none.</summary>
    public static string? AboutCertificate(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause.Message.Contains(" alert ", StringComparison.Ordinal) &&
                OfCertificates.FirstOrDefault(a => cause.Message.Contains(a, StringComparison.Ordinal)) is { } alert)
            {
                return alert;
            }
        }

        return null;
    }
}
