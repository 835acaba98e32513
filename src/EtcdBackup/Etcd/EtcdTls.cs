using System.Security.Cryptography;
using System.Text;
using EtcdBackup.Clusters;
using EtcdBackup.Secrets;
using EtcdBackup.Tls;
using EtcdBackup.Tls.Ed25519;

namespace EtcdBackup.Etcd;

/// <summary>The certificates and keys of a spec, as they were read.</summary>
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

    /// <summary>The TLS side of connections.</summary>
    /// <exception cref="TlsFaultException">A certificate or key cannot be used; the message names its file.</exception>
    public TlsClient ToClient(TimeProvider time)
    {
        var authorities = _files.CaFile == "" ? Authorities.OfMachine : Authorities.Parse(_authorities, $"tls.caFile '{_files.CaFile}'");
        if (_certificate == "")
        {
            return new TlsClient(authorities, null, null, _files.ServerName, time);
        }

        var files = new IdentityFiles(
            new PemText($"tls.certFile '{_files.CertFile}'", _certificate), new PemText($"tls.keyFile '{_files.KeyFile}'", _key));
        var ed25519 = Ed25519Identity.TryParse(files);
        return new TlsClient(authorities, ed25519 is null ? TlsIdentity.Parse(files) : null, ed25519, _files.ServerName, time);
    }
}
