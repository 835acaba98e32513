namespace EtcdBackup.Testing;

/// <summary>An authority with a server and a client certificate, in files.</summary>
public sealed class TestCertificates : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly TestAuthority _authority = new("test authority");
    private readonly string _serverName;

    /// <summary>Makes them.</summary>
    /// <param name="serverName">A DNS name in the certificates, besides the loopback address.</param>
    public TestCertificates(string serverName = "etcd.test")
    {
        _serverName = serverName;
        File.WriteAllText(CaFile, _authority.Pem);
        Issue("server", ServerCert, ServerKey);
        Issue("root", ClientCert, ClientKey);
    }

    public string CaFile => _directory["ca.pem"];

    public string ClientCert => _directory["client.pem"];

    public string ClientKey => _directory["client-key.pem"];

    public string ServerCert => _directory["server.pem"];

    public string ServerKey => _directory["server-key.pem"];

    /// <summary>For etcd and etcdctl.</summary>
    public TlsArguments Arguments => new(
        ["--cert-file", ServerCert, "--key-file", ServerKey, "--trusted-ca-file", CaFile, "--client-cert-auth"],
        ["--cacert", CaFile, "--cert", ClientCert, "--key", ClientKey]);

    /// <summary>Writes a fresh certificate and key of this authority.</summary>
    public void Issue(string name, string certFile, string keyFile, string kind = "ECDSA")
    {
        var (certificate, key) = _authority.Issue(name, _serverName, kind);
        File.WriteAllText(keyFile, key);
        File.WriteAllText(certFile, certificate);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }
}

/// <summary>Command line arguments for TLS.</summary>
/// <param name="Server">Of etcd.</param>
/// <param name="Client">Of etcdctl.</param>
public sealed record TlsArguments(IReadOnlyList<string> Server, IReadOnlyList<string> Client);
