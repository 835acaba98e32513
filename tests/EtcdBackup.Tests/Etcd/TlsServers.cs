using System.Collections.Concurrent;
using System.Security.Cryptography;
using EtcdBackup.Clusters;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Etcd;

/// <summary>Real etcd servers, one for each kind of server certificate, and the files of clients.</summary>
public sealed class TlsServers : IAsyncDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly TestAuthority _root = new("root");
    private readonly TestAuthority _namesake = new("root");
    private readonly TestAuthority _intermediate;
    private readonly ConcurrentDictionary<(string, string), Lazy<Task<EtcdServers>>> _servers = new();

    public TlsServers()
    {
        _intermediate = new TestAuthority("intermediate", _root);
        foreach (var key in new[] { "ECDSA", "RSA", "Ed25519" })
        {
            Write($"server {key}", _root.Issue("server", "etcd.test", key));
            Write($"client {key}", _root.Issue("root", "client", key));
        }

        var (certificate, serverKey) = _intermediate.Issue("server", "etcd.test");
        Write("server of an intermediate", (certificate, serverKey));
        Write("server with its intermediate", (certificate + "\n" + _intermediate.Pem, serverKey));
        Write("server expired", _root.Issue("server", "etcd.test", hours: (-20, -10)));
        Write("server too early", _root.Issue("server", "etcd.test", hours: (10, 20)));
        Write("server with a name only", _root.Issue("server", "etcd.test", hasAddress: false));
        Write("server for clients only", _root.Issue("server", "etcd.test", usages: [TestAuthority.ClientUsage]));
        (certificate, var clientKey) = _intermediate.Issue("root", "client");
        Write("client of an intermediate", (certificate, clientKey));
        Write("client with its intermediate", (certificate + "\n" + _intermediate.Pem, clientKey));
        (certificate, clientKey) = _intermediate.Issue("root", "client", "Ed25519");
        Write("client Ed25519 with its intermediate", (certificate + "\n" + _intermediate.Pem, clientKey));
        Write("client Ed25519 of a stranger", _namesake.Issue("root", "client", "Ed25519"));
        Write("client Ed25519 key of another",
            (File.ReadAllText(this["client Ed25519.pem"]), File.ReadAllText(this["client Ed25519 of a stranger.key"])));
        Write("client expired", _root.Issue("root", "client", hours: (-20, -10)));
        Write("client of a stranger", _namesake.Issue("root", "client"));
        Write("client for servers only", _root.Issue("root", "client", usages: [TestAuthority.ServerUsage]));
        File.WriteAllText(this["client key of another.pem"], File.ReadAllText(this["client RSA.pem"]));
        File.WriteAllText(this["client key of another.key"], File.ReadAllText(this["client ECDSA.key"]));
        using (var encrypted = ECDsa.Create())
        {
            encrypted.ImportFromPem(File.ReadAllText(this["client ECDSA.key"]));
            var how = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
            File.WriteAllText(this["client key encrypted.key"], encrypted.ExportEncryptedPkcs8PrivateKeyPem("secret", how));
            File.WriteAllText(this["client key encrypted.pem"], File.ReadAllText(this["client ECDSA.pem"]));
            File.WriteAllText(this["client SEC1.key"], encrypted.ExportECPrivateKeyPem());
            File.WriteAllText(this["client SEC1.pem"], File.ReadAllText(this["client ECDSA.pem"]));
        }

        File.WriteAllText(this["client no key.key"], "");
        File.WriteAllText(this["client no key.pem"], File.ReadAllText(this["client ECDSA.pem"]));
        File.WriteAllText(this["ca root"], _root.Pem);
        File.WriteAllText(this["ca intermediate"], _intermediate.Pem);
        File.WriteAllText(this["ca namesake"], _namesake.Pem);
        File.WriteAllText(this["ca namesake and root"], _namesake.Pem + "\n" + _root.Pem);
        File.WriteAllText(this["ca the server itself"], File.ReadAllText(this["server ECDSA.pem"]));
        File.WriteAllText(this["ca empty"], "");
    }

    private string this[string name] => _directory[name];

    /// <summary>The server with that certificate, or <c>plain</c>.</summary>
    public Task<EtcdServers> GetAsync(string suite, string server) =>
        _servers.GetOrAdd((suite, server), _ => new Lazy<Task<EtcdServers>>(() => EtcdServers.StartAsync(new EtcdOptions
        {
            Suite = suite,
            Tls = server == "plain" ? null : new TlsArguments(
                ["--cert-file", this[server + ".pem"], "--key-file", this[server + ".key"], "--trusted-ca-file", this["ca root"],
                    "--client-cert-auth"],
                // It has to be seen that it runs, whatever its certificate is.
                ["--insecure-skip-tls-verify", "--insecure-transport=false", "--cert", this["client ECDSA.pem"],
                    "--key", this["client ECDSA.key"]]),
        }))).Value;

    /// <summary>The files of a client.</summary>
    /// <param name="authority">The CA file.</param>
    /// <param name="client">The certificate and key; empty: none.</param>
    /// <param name="serverName">The server's name.</param>
    public TlsFiles Files(string authority, string client, string serverName) => new()
    {
        CaFile = this["ca " + authority],
        CertFile = client == "" ? "" : this[$"client {client}.pem"],
        KeyFile = client == "" ? "" : this[$"client {client}.key"],
        ServerName = serverName,
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
        {
            await (await server.Value).DisposeAsync();
        }

        _root.Dispose();
        _namesake.Dispose();
        _intermediate.Dispose();
        _directory.Dispose();
    }

    private void Write(string name, (string Certificate, string Key) pair)
    {
        File.WriteAllText(this[name + ".pem"], pair.Certificate);
        File.WriteAllText(this[name + ".key"], pair.Key);
    }
}
