using EtcdBackup.Tls;

namespace EtcdBackup.Host.Configuration;

/// <summary>TLS between silos: three files, or none. They are read again for new connections.</summary>
internal sealed class SiloTlsSettings
{
    private const string Section = "Orleans:Tls";

    /// <summary>The silo's certificate (PEM), with its intermediates after it if it has any.</summary>
    public string CertFile { get; set; } = "";

    /// <summary>Its key (PEM).</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>Certificates (PEM) of the authorities that issue certificates of silos, and no others: each of these is a silo.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>Whether there is TLS.</summary>
    public bool IsUsed => CertFile != "" || KeyFile != "" || CaFile != "";

    /// <summary>Reads the files as they are now.</summary>
    /// <exception cref="TlsFaultException">One of them cannot be read.</exception>
    public MutualTlsFiles Read() =>
        new(new IdentityFiles(Read(nameof(CertFile), CertFile), Read(nameof(KeyFile), KeyFile)), Read(nameof(CaFile), CaFile));

    private static PemText Read(string setting, string file) =>
        PemSetting.Read(Section, setting, file, "CertFile, KeyFile and CaFile");
}
