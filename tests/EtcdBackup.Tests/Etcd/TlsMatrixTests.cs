using System.Net.Sockets;
using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Secrets;
using EtcdBackup.Testing;
using Grpc.Core;

namespace EtcdBackup.Tests.Etcd;

/// <summary>TLS is what etcdctl accepts: each case is tried with it and with us, on real servers of two versions.</summary>
public sealed class TlsMatrixTests(TlsServers servers) : IClassFixture<TlsServers>
{
    private static readonly string[] Suites = ["bookworm", "forky"];

    /// <summary>Server certificate, CA file, client certificate; and what we say when it cannot be (empty: it can).</summary>
    public static TheoryData<string, string, string, string, string> Cases { get; } = Times(
        ("server ECDSA", "root", "ECDSA", ""),
        ("server RSA", "root", "ECDSA", ""),
        ("server Ed25519", "root", "ECDSA", ""),
        ("server ECDSA", "root", "RSA", ""),
        ("server ECDSA", "root", "SEC1", ""),
        ("server ECDSA", "root", "Ed25519", ""),
        ("server RSA", "root", "Ed25519", ""),
        ("server Ed25519", "root", "Ed25519", ""),
        ("server with its intermediate", "root", "Ed25519 with its intermediate", ""),
        ("server expired", "root", "Ed25519", "its certificate expired at 20"),
        ("server with a name only", "root", "Ed25519", "its certificate is for 'etcd.test', and not for '127.0.0.1'"),
        ("server ECDSA", "namesake", "Ed25519", "certificate"),
        ("server ECDSA", "root", "Ed25519 of a stranger", "it wants a client certificate that it accepts"),
        ("server ECDSA", "root", "Ed25519 key of another", "Ed25519 key of another.key' cannot be used: the key is not the certificate's"),
        ("plain", "root", "Ed25519", "it speaks plain text, not TLS"),
        ("server with its intermediate", "root", "ECDSA", ""),
        ("server with its intermediate", "intermediate", "ECDSA", ""),
        ("server of an intermediate", "intermediate", "ECDSA", ""),
        ("server of an intermediate", "root", "ECDSA", "was issued by 'CN=intermediate', which is not in tls.caFile"),
        ("server ECDSA", "the server itself", "ECDSA", ""),
        ("server ECDSA", "namesake and root", "ECDSA", ""),
        ("server ECDSA", "namesake", "ECDSA", "certificate"),
        ("server ECDSA", "empty", "ECDSA", "it holds no certificate"),
        ("server expired", "root", "ECDSA", "its certificate expired at 20"),
        ("server too early", "root", "ECDSA", "its certificate is not valid before 20"),
        ("server with a name only", "root", "ECDSA", "its certificate is for 'etcd.test', and not for '127.0.0.1'"),
        ("server for clients only", "root", "ECDSA", "extended key usage"),
        ("server ECDSA", "root", "with its intermediate", ""),
        ("server ECDSA", "root", "of an intermediate", "it wants a client certificate that it accepts"),
        ("server ECDSA", "root", "expired", "it wants a client certificate that it accepts"),
        ("server ECDSA", "root", "of a stranger", "it wants a client certificate that it accepts"),
        ("server ECDSA", "root", "for servers only", "it wants a client certificate that it accepts"),
        ("server ECDSA", "root", "", "it wants a client certificate that it accepts"),
        ("server ECDSA", "root", "key of another", "client key of another.key' cannot be used"),
        ("server ECDSA", "root", "key encrypted", "is encrypted"),
        ("server ECDSA", "root", "no key", "holds no private key"),
        ("plain", "root", "ECDSA", "it speaks plain text, not TLS"));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_etcdctl_accepts_is_accepted_and_what_it_refuses_is_told_in_a_sentence(
        string suite, string server, string authority, string client, string problem)
    {
        var etcd = await servers.GetAsync(suite, server);
        var files = servers.Files(authority, client, "");
        var endpoint = etcd.Endpoints[0].Replace("http:", "https:", StringComparison.Ordinal);
        // It tries again and again for as long as it may: a refusal need not wait for that.
        Assert.Equal(problem == "", await EtcdctlConnectsAsync(suite, endpoint, files, seconds: problem == "" ? 60 : 1));
        var error = await ErrorAsync(endpoint, files);
        if (problem == "")
        {
            Assert.Null(error);
        }
        else
        {
            Assert.Contains(problem, error, StringComparison.Ordinal);
        }
    }

    // etcdctl has no flag for it; the server's name is Go's tls.Config.ServerName.
    [Theory]
    [InlineData("server with a name only", "etcd.test", null)]
    [InlineData("server ECDSA", "127.0.0.1", null)]
    [InlineData("server ECDSA", "another.test", "its certificate is for 'etcd.test', '127.0.0.1', and not for 'another.test'")]
    public async Task The_server_s_name_decides_and_not_the_endpoint(string server, string name, string? problem)
    {
        var etcd = await servers.GetAsync("forky", server);
        var error = await ErrorAsync(etcd.Endpoints[0], servers.Files("root", "ECDSA", name));
        Assert.Equal(problem is null, error is null);
        Assert.Contains(problem ?? "", error ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_address_of_a_server_with_tls_is_told()
    {
        var etcd = await servers.GetAsync("forky", "server ECDSA");
        var error = await ErrorAsync(etcd.Endpoints[0].Replace("https:", "http:", StringComparison.Ordinal), new TlsFiles());
        Assert.Contains("it speaks TLS, not plain text", error, StringComparison.Ordinal);
    }

    // The server ends a connection whose client it does not accept while that is sending: at times all that comes is a reset.
    [Theory]
    [InlineData(1, "it wants a client certificate that it accepts")]
    [InlineData(4, "it wants a client certificate that it accepts")]
    [InlineData(100, "it ends each connection after the TLS handshake: ")]
    public async Task What_a_reset_hides_is_asked_for_again(int resets, string problem)
    {
        var etcd = await servers.GetAsync("forky", "server ECDSA");
        using var proxy = new FaultProxy(etcd.Endpoints[0]) { Resets = true };
        proxy.OnClientBytes = (piece, total, _) =>
            proxy.Connections <= resets && total > piece.Length ? throw new IOException("lost") : Task.CompletedTask;
        var error =
            await ErrorAsync(proxy.Url.Replace("http:", "https:", StringComparison.Ordinal), servers.Files("root", "of a stranger", ""));
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }

    // Who does not listen says no more when asked again; who ended a connection may have said why.
    [Theory]
    [InlineData(SocketError.ConnectionRefused, false)]
    [InlineData(SocketError.HostUnreachable, false)]
    [InlineData(SocketError.ConnectionReset, true)]
    [InlineData(SocketError.ConnectionAborted, true)]
    [InlineData(SocketError.Shutdown, true)]
    public void An_ended_connection_is_unclear_and_one_that_is_not_made_is_not(SocketError error, bool unclear)
    {
        var failure = new HttpRequestException("", new IOException("", new SocketException((int)error)));
        Assert.Equal(unclear, MemberFailure.IsUnclear(new RpcException(new Status(StatusCode.Unavailable, "", failure))));
    }

    private static TheoryData<string, string, string, string, string> Times(
        params (string Server, string Authority, string Client, string Problem)[] cases)
    {
        var data = new TheoryData<string, string, string, string, string>();
        foreach (var (suite, (server, authority, client, problem)) in Suites.SelectMany(s => cases.Select(c => (s, c))))
        {
            data.Add(suite, server, authority, client, problem);
        }

        return data;
    }

    private static async Task<bool> EtcdctlConnectsAsync(string suite, string endpoint, TlsFiles files, int seconds)
    {
        try
        {
            await ChildProcess.RunAsync(
                "env", ["ETCDCTL_API=3", Workspace.EtcdTool(suite, "etcdctl"), "--endpoints", endpoint, "--cacert", files.CaFile,
                    .. files.CertFile == "" ? Array.Empty<string>() : ["--cert", files.CertFile, "--key", files.KeyFile],
                    "--dial-timeout", $"{seconds}s", "--command-timeout", $"{seconds}s", "get", "key"]);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static async Task<string?> ErrorAsync(string endpoint, TlsFiles files)
    {
        using var connections =
            new EtcdConnections(new EtcdTimeouts(), new CredentialFiles(new MountedSecrets("")), new ResourceLimits(), TimeProvider.System);
        try
        {
            using var cluster = await connections.OpenAsync(
                new ClusterSpec
                {
                    Key = new ClusterKey("default", "tls"),
                    Endpoints = [new Uri(endpoint)],
                    Tls = files,
                    Backup = new BackupSpec(),
                },
                CancellationToken.None);
            return (await cluster.ProbeAsync(CancellationToken.None)).Single().Error;
        }
        catch (EtcdUnavailableException e)
        {
            return e.Message;
        }
    }
}
