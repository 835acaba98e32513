using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EtcdBackup.Clusters;
using EtcdBackup.Secrets;

namespace EtcdBackup.Etcd;

/// <summary>The TLS side of a connection to etcd.</summary>
internal sealed class EtcdTls
{
    private readonly TlsFiles _files;
    private readonly string _authorities;
    private readonly string _certificate;
    private readonly string _key;

    private EtcdTls(TlsFiles files, string authorities, string certificate, string key)
    {
        (_files, _authorities, _certificate, _key) = (files, authorities, certificate, key);
        Fingerprint = Convert.ToHexString(
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', files.ServerName, authorities, certificate, key))));
    }

    /// <summary>Changes when any certificate or key does.</summary>
    public string Fingerprint { get; }

    /// <summary>Reads the files.</summary>
    /// <exception cref="SecretException">One cannot be read.</exception>
    public static async Task<EtcdTls> LoadAsync(CredentialFiles credentials, ClusterSpec spec, CancellationToken cancellationToken)
    {
        var files = spec.Tls;
        return new EtcdTls(
            files,
            await ReadAsync("tls.caFile", files.CaFile),
            await ReadAsync("tls.certFile", files.CertFile),
            await ReadAsync("tls.keyFile", files.KeyFile));

        async Task<string> ReadAsync(string field, string file) =>
            file == "" ? "" : await credentials.ReadAsync(spec.Key.Namespace, field, file, cancellationToken);
    }

    /// <summary>Options for a connection.</summary>
    /// <exception cref="EtcdUnavailableException">A certificate or key is none; the message names its file.</exception>
    public SslClientAuthenticationOptions OptionsFor(Uri endpoint)
    {
        var client = _certificate == "" ? null
            : Use($"tls.certFile '{_files.CertFile}' with tls.keyFile '{_files.KeyFile}'", () =>
            X509Certificate2.CreateFromPem(_certificate, _key));
        return new SslClientAuthenticationOptions
        {
            TargetHost = _files.ServerName != "" ? _files.ServerName : endpoint.Host,
            ClientCertificates = client is null ? null : [client],
            LocalCertificateSelectionCallback = client is null ? null : (_, _, _, _, _) => client,
            CertificateChainPolicy = _files.CaFile == "" ? null : ChainPolicy(),
        };
    }

    private X509ChainPolicy ChainPolicy()
    {
        X509Certificate2Collection authorities = [];
        Use($"tls.caFile '{_files.CaFile}'", () =>
        {
            authorities.ImportFromPem(_authorities);
            return authorities.Count > 0 ? authorities : throw new ArgumentException("it holds no certificate: it must be PEM");
        });

        // etcd's private authorities publish no revocation lists; its own clients ask for none either
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static T Use<T>(string what, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new EtcdUnavailableException($"{what} cannot be used: {e.Message}", e);
        }
    }
}
