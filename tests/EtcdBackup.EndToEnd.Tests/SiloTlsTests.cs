using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Silos that know each other by certificates: who may join, and how certificates are renewed.</summary>
public sealed class SiloTlsTests : IDisposable
{
    private const int Clusters = 20;

    private readonly TestAuthority _authority = new("silo authority");
    private readonly TestAuthority _next = new("next silo authority");

    public void Dispose()
    {
        _authority.Dispose();
        _next.Dispose();
    }

    [Fact]
    public async Task Silos_with_certificates_of_an_intermediate_serve_each_others_clusters()
    {
        using var intermediate = new TestAuthority("silo issuer", _authority);
        await using var etcd = await EtcdServers.StartAsync();
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = Two(etcd, redis);
        foreach (var silo in cluster.Silos)
        {
            var (certificate, key) = intermediate.Issue("silo", "silo.test");
            SiloTlsFiles.Of(silo).Use().Write((certificate + "\n" + intermediate.Pem, key), _authority.Pem);
        }

        await cluster.StartAsync();
        await SpreadOverTwoAsync(cluster);
        await Task.WhenAll(cluster.Silos.SelectMany(s => Enumerable.Range(0, Clusters).Select(i => BackUpAsync(s, i))));
        Assert.All(cluster.Silos, s => Assert.DoesNotContain("Silo.RefusalLog", s.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Certificate_key_and_authority_are_replaced_while_requests_run()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = Two(etcd, redis).UseTls(_authority);
        await cluster.StartAsync();
        await SpreadOverTwoAsync(cluster);
        using var stop = new CancellationTokenSource();
        var requests = cluster.Silos.Select(s => Task.Run(() => RequestsAsync(s, stop.Token))).ToArray();

        // Another certificate of the same authority; both authorities are trusted; the next one issues; the first one goes.
        await ReplaceAsync(cluster, _authority, _authority.Pem);
        await ReplaceAsync(cluster, _authority, _authority.Pem + "\n" + _next.Pem);
        await ReplaceAsync(cluster, _next, _authority.Pem + "\n" + _next.Pem);
        await ReplaceAsync(cluster, _next, _next.Pem);
        foreach (var silo in cluster.Silos)
        {
            Assert.False((await SiloPort.TalkAsync(silo.SiloPorts[0], _authority.Issue("silo", "silo.test"))).IsOpen);
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(requests), count => Assert.True(count > Clusters, $"only {count} requests were answered"));

        await cluster.Silos[1].KillAsync();
        await cluster.Silos[1].StartAsync();
        await SpreadOverTwoAsync(cluster);
        await Task.WhenAll(cluster.Silos.SelectMany(s => Enumerable.Range(0, Clusters).Select(i => BackUpAsync(s, i))));
    }

    [Fact]
    public async Task Files_that_cannot_be_used_leave_in_force_what_was_and_are_logged_once()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = new SiloCluster(1, "Redis", redis.ConnectionString, ServiceProcess.Cluster("c0", etcd.Endpoints));
        var silo = cluster.Silos[0];
        var before = _authority.Issue("silo", "silo.test");
        SiloTlsFiles.Of(silo).Use().Write(before, _authority.Pem);
        await cluster.StartAsync();
        var (certificate, key) = _authority.Issue("silo", "silo.test");
        foreach (var ((ours, theirs, trusted), why) in new[]
        {
            ((certificate, "", _authority.Pem), "tls.key' cannot be used: it holds no private key"),
            (("nothing", key, _authority.Pem), "tls.crt' cannot be used: it holds no certificate"),
            ((certificate, _authority.Issue("silo", "silo.test").Key, _authority.Pem), "tls.crt' with Orleans:Tls:KeyFile "),
            ((certificate, key, _next.Pem), "tls.crt' cannot be used: it was issued by 'CN=silo authority', which is not in "),
        })
        {
            SiloTlsFiles.Of(silo).Write((ours, theirs), trusted);
            await UntilLoggedAsync(silo, why);
            for (var i = 0; i < 3; i++)
            {
                await AssertShownAsync(before.Certificate, silo, _authority);
            }
        }

        Assert.Equal(4, Count(silo, "New connections between silos use what was in force before"));
        SiloTlsFiles.Of(silo).Write((certificate, key), _authority.Pem);
        await UntilShownAsync(certificate, silo, _authority);
        await UntilLoggedAsync(silo, "use the renewed files");
    }

    [Theory]
    [InlineData("another authority")]
    [InlineData("forged authority")]
    [InlineData("no TLS")]
    public async Task A_silo_of_others_cannot_join_and_both_logs_say_why_in_one_sentence(string impostor)
    {
        using var forged = new TestAuthority("silo authority", forged: _authority);
        await using var etcd = await EtcdServers.StartAsync();
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = Two(etcd, redis);
        var (silo, other) = (cluster.Silos[0], cluster.Silos[1]);
        SiloTlsFiles.Of(silo).Use().Write(_authority.Issue("silo", "silo.test"), _authority.Pem);
        if (impostor != "no TLS")
        {
            var issuer = impostor == "forged authority" ? forged : _next;
            SiloTlsFiles.Of(other).Use().Write(issuer.Issue("silo", "silo.test"), issuer.Pem);
        }

        await silo.StartAsync();
        await other.StartAsync(waitReady: false);
        var (ours, theirs) = impostor == "no TLS"
            ? ("is refused: it makes no TLS handshake", "silos with TLS refuse this one")
            : ("is refused: it has a certificate that ", "There is no connection to the silo at");
        await Task.WhenAll(UntilLoggedAsync(silo, ours), UntilLoggedAsync(other, theirs));
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Single(await SiloCluster.SpreadAsync(silo));
        Assert.Equal(1, Count(silo, ours));
        Assert.Equal(1, Count(other, theirs));
        Assert.False(await IsReadyAsync(other));
    }

    private static SiloCluster Two(EtcdServers etcd, RedisServer redis) => new(
        2, "Redis", redis.ConnectionString, Enumerable.Range(0, Clusters).Select(i => ServiceProcess.Cluster($"c{i}", etcd.Endpoints)));

    private static async Task ReplaceAsync(SiloCluster cluster, TestAuthority issuer, string trusted)
    {
        foreach (var silo in cluster.Silos)
        {
            var identity = issuer.Issue("silo", "silo.test");
            SiloTlsFiles.Of(silo).Write(identity, trusted);
            await UntilShownAsync(identity.Certificate, silo, issuer);
        }

        await Task.WhenAll(cluster.Silos.SelectMany(s => Enumerable.Range(0, Clusters).Select(i => BackUpAsync(s, i))));
    }

    private static Task UntilShownAsync(string certificate, ServiceProcess silo, TestAuthority issuer)
    {
        var expected = X509Certificate2.CreateFromPem(certificate).Thumbprint;
        return Workspace.UntilAsync(
            async () => await SiloPort.TalkAsync(silo.SiloPorts[0], issuer.Issue("silo", "silo.test")) == (expected, true),
            "the new certificate is shown");
    }

    private static async Task AssertShownAsync(string certificate, ServiceProcess silo, TestAuthority issuer)
    {
        using var expected = X509Certificate2.CreateFromPem(certificate);
        Assert.Equal((expected.Thumbprint, true), await SiloPort.TalkAsync(silo.SiloPorts[0], issuer.Issue("silo", "silo.test")));
    }

    private static Task SpreadOverTwoAsync(SiloCluster cluster) => Workspace.UntilAsync(
        async () => (await SiloCluster.SpreadAsync(cluster.Silos[0])) is { Count: 2 } spread && spread.Values.Sum() == Clusters,
        "both silos have clusters");

    private static Task<JsonElement> BackUpAsync(ServiceProcess silo, int cluster) =>
        silo.JsonAsync($"/v1/clusters/default/c{cluster}/backupnow");

    private static async Task<int> RequestsAsync(ServiceProcess silo, CancellationToken stop)
    {
        var count = 0;
        while (!stop.IsCancellationRequested)
        {
            await silo.JsonAsync($"/v1/clusters/default/c{count++ % Clusters}/status");
        }

        return count;
    }

    private static async Task<bool> IsReadyAsync(ServiceProcess silo)
    {
        try
        {
            return (await silo.GetAsync("/readyz")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task UntilLoggedAsync(ServiceProcess silo, string text)
    {
        try
        {
            await Workspace.UntilAsync(() => Task.FromResult(silo.Output.Contains(text, StringComparison.Ordinal)), text, seconds: 60);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"'{text}' is not in: {silo.Output}", e);
        }
    }

    private static int Count(ServiceProcess silo, string text) => silo.Output.Split(text).Length - 1;
}
