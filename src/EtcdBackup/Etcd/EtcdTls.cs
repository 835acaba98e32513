using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdBackup.Clusters;

namespace EtcdBackup.Etcd;

/// <summary>The TLS side of a connection to etcd, read from files.</summary>
internal sealed class EtcdTls
{
    private readonly string _serverName;
    private readonly X509Certificate2Collection? _authorities;
    private readonly X509Certificate2? _client;

    private EtcdTls(string serverName, X509Certificate2Collection? authorities, X509Certificate2? client)
    {
        _serverName = serverName;
        _authorities = authorities;
        _client = client;
    }

    public static EtcdTls Load(TlsFiles files)
    {
        X509Certificate2Collection? authorities = null;
        if (files.CaFile != "")
        {
            authorities = [];
            Read(files.CaFile, "tls.caFile", () => authorities.ImportFromPemFile(files.CaFile));
            if (authorities.Count == 0)
            {
                throw new EtcdUnavailableException($"tls.caFile '{files.CaFile}' holds no certificate: it must be PEM");
            }
        }

        X509Certificate2? client = null;
        if (files.CertFile != "")
        {
            Read(files.CertFile, $"tls.certFile with tls.keyFile '{files.KeyFile}':", () => client = X509Certificate2.CreateFromPemFile(files.CertFile, files.KeyFile));
        }

        return new EtcdTls(files.ServerName, authorities, client);
    }

    public SslClientAuthenticationOptions OptionsFor(Uri endpoint) => new()
    {
        TargetHost = _serverName != "" ? _serverName : endpoint.Host,
        ClientCertificates = _client is null ? null : [_client],
        LocalCertificateSelectionCallback = _client is null ? null : (_, _, _, _, _) => _client,
        CertificateChainPolicy = _authorities is null ? null : ChainPolicy(_authorities),
    };

    private static X509ChainPolicy ChainPolicy(X509Certificate2Collection authorities)
    {
        // etcd's private authorities publish no revocation lists; its own clients ask for none either
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static void Read(string file, string field, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new EtcdUnavailableException($"{field} '{file}' cannot be read: {e.Message}", e);
        }
    }
}
