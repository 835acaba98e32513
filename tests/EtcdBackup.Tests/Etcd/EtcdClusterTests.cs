using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Secrets;
using EtcdBackup.Testing;
using Microsoft.Extensions.Time.Testing;

namespace EtcdBackup.Tests.Etcd;

public class EtcdClusterTests
{
    private static readonly EtcdTimeouts Timeouts = new() { Probe = TimeSpan.FromSeconds(2) };

    [Theory]
    [InlineData("bookworm", "3.4.")]
    [InlineData("trixie", "3.5.")]
    [InlineData("forky", "3.5.")]
    public async Task A_probe_tells_version_revision_and_raft_position(string suite, string version)
    {
        await using var etcd = await EtcdServers.StartAsync(suite);
        await etcd.CtlAsync("put", "a", "1");
        using var connections = Connections();
        using var cluster = await connections.OpenAsync(Spec(etcd.Endpoints), CancellationToken.None);
        var status = Assert.Single(await cluster.ProbeAsync(CancellationToken.None));
        Assert.Null(status.Error);
        Assert.StartsWith(version, status.Version.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, status.Revision);
        Assert.True(status.IsLeader && status.RaftIndex > 0 && status.RaftTerm > 0 && status.ClusterId != 0 && status.DbSize > 0);
    }

    [Fact]
    public async Task A_dead_member_and_a_silent_one_are_told_apart_and_hold_nobody_up()
    {
        await using var etcd = await EtcdServers.StartAsync();
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var dead = Workspace.FreePorts(1)[0];
        using var connections = Connections();
        using var cluster = await connections.OpenAsync(
            Spec([$"http://127.0.0.1:{dead}", $"http://{silent.LocalEndpoint}", .. etcd.Endpoints]), CancellationToken.None);
        var members = await cluster.ProbeAsync(CancellationToken.None);
        Assert.Contains("refused", members[0].Error, StringComparison.Ordinal);
        Assert.Contains("did not answer in time", members[1].Error, StringComparison.Ordinal);
        Assert.True(members[2].Answered);
    }

    [Fact]
    public async Task A_token_that_expired_is_renewed()
    {
        using var scratch = new ScratchDirectory();
        await File.WriteAllTextAsync(scratch["password"], "secret\n");
        await using var etcd = await EtcdServers.StartAsync(new EtcdOptions { Arguments = ["--auth-token-ttl", "1"] });
        await etcd.CtlAsync("user", "add", "root:secret");
        await etcd.CtlAsync("user", "grant-role", "root", "root");
        await etcd.CtlAsync("auth", "enable");
        using var connections = Connections();
        using var cluster = await connections.OpenAsync(
            Spec(etcd.Endpoints) with { Auth = new EtcdLogin { Username = "root", PasswordFile = scratch["password"] } },
            CancellationToken.None);
        var members = await cluster.ProbeAsync(CancellationToken.None);
        Assert.NotNull(await ClusterRead.ConfirmAsync(cluster, members, CancellationToken.None));

        // no condition to wait for: etcd tells nobody when it forgets a token
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.NotNull(await ClusterRead.ConfirmAsync(cluster, members, CancellationToken.None));
    }

    [Fact]
    public async Task Without_a_quorum_nothing_is_confirmed()
    {
        await using var etcd = await EtcdServers.StartAsync(members: 3);
        await etcd.KillAsync(0);
        await etcd.KillAsync(1);
        using var connections = Connections(Timeouts with { Confirm = TimeSpan.FromSeconds(1) });
        using var cluster = await connections.OpenAsync(Spec(etcd.Endpoints), CancellationToken.None);
        var members = await cluster.ProbeAsync(CancellationToken.None);
        Assert.Null(await ClusterRead.ConfirmAsync(cluster, members.Where(m => m.Answered), CancellationToken.None));
    }

    [Fact]
    public async Task A_missing_password_file_is_named()
    {
        var spec = Spec(["http://127.0.0.1:1"]) with { Auth = new EtcdLogin { Username = "root", PasswordFile = "/nowhere/password" } };
        using var connections = Connections();
        Assert.Contains("/nowhere/password",
            (await Assert.ThrowsAsync<EtcdUnavailableException>(() => connections.OpenAsync(spec, CancellationToken.None))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_of_the_machine_is_an_endpoint()
    {
        using var scratch = new ScratchDirectory();
        await using var etcd = await EtcdServers.StartAsync(new EtcdOptions { Socket = scratch["etcd.sock"] });
        using var connections = Connections();
        using var cluster = await connections.OpenAsync(Spec([$"unix://{scratch["etcd.sock"]}"]), CancellationToken.None);
        var status = (await cluster.ProbeAsync(CancellationToken.None)).Single();
        Assert.Null(status.Error);
        Assert.Equal(scratch["etcd.sock"], status.Address);

        using var none = await connections.OpenAsync(Spec([$"unix://{scratch["none.sock"]}"]), CancellationToken.None);
        Assert.Contains("cannot be reached", (await none.ProbeAsync(CancellationToken.None)).Single().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_file_that_is_none_is_named()
    {
        using var scratch = new ScratchDirectory();
        File.WriteAllText(scratch["ca.pem"], "no certificate");
        var spec = Spec(["https://127.0.0.1:1"]) with { Tls = new TlsFiles { CaFile = scratch["ca.pem"] } };
        using var connections = Connections();
        Assert.Contains("ca.pem",
            (await Assert.ThrowsAsync<EtcdUnavailableException>(() => connections.OpenAsync(spec, CancellationToken.None))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_is_kept_for_the_next_check_but_not_one_that_failed_nor_one_that_is_idle()
    {
        await using var etcd = await EtcdServers.StartAsync();
        using var proxy = new FaultProxy(etcd.Endpoints[0]);
        var time = new FakeTimeProvider();
        using var connections = Connections(time: time);
        await ProbeAsync();
        await ProbeAsync();
        Assert.Equal(1, proxy.Connections);

        // The line goes dead without a word: the connection is still there, and of no use.
        proxy.OnServerBytes = (_, _, stop) => Task.Delay(Timeout.Infinite, stop);
        Assert.False(await ProbeAsync());
        proxy.OnServerBytes = (_, _, _) => Task.CompletedTask;
        Assert.True(await ProbeAsync());
        Assert.Equal(2, proxy.Connections);

        time.Advance(TimeSpan.FromMinutes(2));
        Assert.True(await ProbeAsync());
        Assert.Equal(3, proxy.Connections);

        async Task<bool> ProbeAsync()
        {
            using var cluster = await connections.OpenAsync(Spec([proxy.Url]), CancellationToken.None);
            return Assert.Single(await cluster.ProbeAsync(CancellationToken.None)).Answered;
        }
    }

    [Fact]
    public async Task Credentials_may_be_keys_of_a_secret()
    {
        using var scratch = new ScratchDirectory();
        Directory.CreateDirectory(scratch["default/login"]);
        await File.WriteAllTextAsync(scratch["default/login/password"], "secret\n");
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.CtlAsync("user", "add", "root:secret");
        await etcd.CtlAsync("user", "grant-role", "root", "root");
        await etcd.CtlAsync("auth", "enable");
        var spec = Spec(etcd.Endpoints) with { Auth = new EtcdLogin { Username = "root", PasswordFile = "secret:login/password" } };
        using var connections = new EtcdConnections(
            Timeouts, new CredentialFiles(new MountedSecrets(scratch.Path)), new ResourceLimits(), TimeProvider.System);
        using var cluster = await connections.OpenAsync(spec, CancellationToken.None);
        Assert.NotNull(await ClusterRead.ConfirmAsync(cluster, await cluster.ProbeAsync(CancellationToken.None), CancellationToken.None));

        spec = spec with { Auth = spec.Auth with { PasswordFile = "secret:login/none" } };
        Assert.Contains("'none' (it has password)",
            (await Assert.ThrowsAsync<EtcdUnavailableException>(() => connections.OpenAsync(spec, CancellationToken.None))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resource_does_not_lead_to_the_services_own_machine()
    {
        await using var etcd = await EtcdServers.StartAsync();
        using var connections = Connections();
        var spec = Spec(etcd.Endpoints);
        using var ofOperator = await connections.OpenAsync(spec, CancellationToken.None);
        Assert.True(Assert.Single(await ofOperator.ProbeAsync(CancellationToken.None)).Answered);

        // The connection that the operator's spec has open is not for it.
        using var ofResource = await connections.OpenAsync(spec with { IsOfResource = true }, CancellationToken.None);
        var member = Assert.Single(await ofResource.ProbeAsync(CancellationToken.None));
        Assert.Contains("where a resource may not send the service", member.Error, StringComparison.Ordinal);

        using var socket =
            await connections.OpenAsync(Spec(["unix:///run/etcd.sock"]) with { IsOfResource = true }, CancellationToken.None);
        Assert.Contains(
            "a socket of the service's machine", Assert.Single(await socket.ProbeAsync(CancellationToken.None))
                .Error, StringComparison.Ordinal);
    }

    private static EtcdConnections Connections(EtcdTimeouts? timeouts = null, TimeProvider? time = null) =>
        new(timeouts ?? Timeouts, new CredentialFiles(new MountedSecrets("")), new ResourceLimits(), time ?? TimeProvider.System);

    private static ClusterSpec Spec(IEnumerable<string> endpoints) => new()
    {
        Key = new ClusterKey("default", "example"),
        Endpoints = [.. endpoints.Select(e => new Uri(e))],
        Backup = new BackupSpec(),
    };
}
