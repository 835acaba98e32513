using EtcdBackup.Tls;

namespace EtcdBackup.Host.Configuration;

/// <summary>TLS for callers: two files, or none. They are read again for new connections.</summary>
internal sealed class HttpTlsSettings
{
    private const string Section = "Http:Tls";

    /// <summary>The service's certificate (PEM), with its intermediates after it if it has any.</summary>
    public string CertFile { get; set; } = "";

    /// <summary>Its key (PEM).</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>Whether there is TLS.</summary>
    public bool IsUsed => CertFile != "" || KeyFile != "";

    /// <summary>Reads the files as they are now.</summary>
    /// <exception cref="TlsFaultException">One of them cannot be read.</exception>
    public IdentityFiles Read() =>
        new(Read(nameof(CertFile), CertFile), Read(nameof(KeyFile), KeyFile));

    private static PemText Read(string setting, string file) => PemSetting.Read(Section, setting, file, "CertFile and KeyFile");
}
