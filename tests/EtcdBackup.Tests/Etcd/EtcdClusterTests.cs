using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Testing;

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
        using var cluster = EtcdCluster.Open(Spec(etcd.Endpoints), Timeouts);
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
        using var cluster = EtcdCluster.Open(Spec([$"http://127.0.0.1:{dead}", $"http://{silent.LocalEndpoint}", .. etcd.Endpoints]), Timeouts);
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
        using var cluster = EtcdCluster.Open(Spec(etcd.Endpoints) with { Auth = new EtcdLogin { Username = "root", PasswordFile = scratch["password"] } }, Timeouts);
        var members = await cluster.ProbeAsync(CancellationToken.None);
        Assert.NotNull(await cluster.ConfirmAsync(members, CancellationToken.None));

        // no condition to wait for: etcd tells nobody when it forgets a token
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.NotNull(await cluster.ConfirmAsync(members, CancellationToken.None));
    }

    [Fact]
    public async Task Without_a_quorum_nothing_is_confirmed()
    {
        await using var etcd = await EtcdServers.StartAsync(members: 3);
        await etcd.KillAsync(0);
        await etcd.KillAsync(1);
        using var cluster = EtcdCluster.Open(Spec(etcd.Endpoints), Timeouts with { Confirm = TimeSpan.FromSeconds(1) });
        var members = await cluster.ProbeAsync(CancellationToken.None);
        Assert.Null(await cluster.ConfirmAsync(members.Where(m => m.Answered), CancellationToken.None));
    }

    [Fact]
    public void A_missing_password_file_is_named()
    {
        var spec = Spec(["http://127.0.0.1:1"]) with { Auth = new EtcdLogin { Username = "root", PasswordFile = "/nowhere/password" } };
        Assert.Contains("/nowhere/password", Assert.Throws<EtcdUnavailableException>(() => EtcdCluster.Open(spec, Timeouts)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_file_that_is_none_is_named()
    {
        using var scratch = new ScratchDirectory();
        File.WriteAllText(scratch["ca.pem"], "no certificate");
        var spec = Spec(["https://127.0.0.1:1"]) with { Tls = new TlsFiles { CaFile = scratch["ca.pem"] } };
        Assert.Contains("ca.pem", Assert.Throws<EtcdUnavailableException>(() => EtcdCluster.Open(spec, Timeouts)).Message, StringComparison.Ordinal);
    }

    private static ClusterSpec Spec(IEnumerable<string> endpoints) => new()
    {
        Key = new ClusterKey("default", "example"),
        Endpoints = [.. endpoints.Select(e => new Uri(e))],
        Backup = new BackupSpec(),
    };
}
