using System.Net;
using System.Net.NetworkInformation;
using EtcdBackup.Testing;
using Microsoft.Extensions.Hosting;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Who can talk to the ports of a silo.</summary>
public sealed class SiloPortTests : IDisposable
{
    private readonly TestAuthority _authority = new("silo authority");

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Nobody_talks_to_a_silo_with_TLS_who_has_no_certificate_of_its_authority()
    {
        using var other = new TestAuthority("other authority");
        using var forged = new TestAuthority("silo authority", forged: _authority);
        using var intermediate = new TestAuthority("silo issuer", _authority);
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = new SiloCluster(1, "Redis", redis.ConnectionString);
        await cluster.UseTls(_authority).StartAsync();
        var silo = cluster.Silos[0];
        foreach (var port in silo.SiloPorts)
        {
            Assert.True((await SiloPort.TalkAsync(port, _authority.Issue("silo", "silo.test"))).IsOpen);
            foreach (var (identity, why) in new (ValueTuple<string, string>?, string)[]
            {
                (null, "it shows no certificate"),
                (other.Issue("silo", "silo.test"), "it has a certificate that was issued by 'CN=other authority', which is not in"),
                (forged.Issue("silo", "silo.test"), "it has a certificate that has a signature that is not its issuer's"),
                (_authority.Issue("silo", "silo.test", hours: (-2, -1)), "it has a certificate that expired at "),
                (_authority.Issue("silo", "silo.test", hours: (1, 2)), "it has a certificate that is not valid before "),
                (_authority.Issue("silo", "silo.test", usages: [TestAuthority.ServerUsage]),
                    "it has a certificate that may not be used by a client"),
                (intermediate.Issue("silo", "silo.test"), "it has a certificate that was issued by 'CN=silo issuer', which is not in"),
            })
            {
                Assert.False((await SiloPort.TalkAsync(port, identity)).IsOpen);
                await Workspace.UntilAsync(() => Task.FromResult(silo.Output.Contains($"is refused: {why}", StringComparison.Ordinal)),
                    $"'{why}' in: {silo.Output}", seconds: 30);
            }

            foreach (var bytes in new byte[][] { "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), new byte[4096] })
            {
                Assert.False(await SiloPort.IsOpenToPlainTextAsync(port, bytes));
            }
        }

        await Assert.ThrowsAnyAsync<Exception>(() => ClientAsync(silo));
        Assert.True(silo.Output.Split("is refused").Length < 15, silo.Output);
        Assert.DoesNotContain("   at ", silo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_TLS_any_Orleans_client_gets_in_where_that_was_said_on_purpose()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = new SiloCluster(1, "Redis", redis.ConnectionString);
        await cluster.StartAsync();
        await ClientAsync(cluster.Silos[0]);
        Assert.Contains("Orleans:AllowPlainText is true", cluster.Silos[0].Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_silo_by_itself_listens_to_its_machine_alone_and_talks_to_nobody()
    {
        await using var service = await new ServiceProcess().StartAsync();
        foreach (var port in service.SiloPorts)
        {
            Assert.False((await SiloPort.TalkAsync(port, null)).IsOpen);
            Assert.False((await SiloPort.TalkAsync(port, _authority.Issue("silo", "silo.test"))).IsOpen);
            Assert.False(await SiloPort.IsOpenToPlainTextAsync(port, new byte[4096]));
        }

        await Assert.ThrowsAnyAsync<Exception>(() => ClientAsync(service));
        await Workspace.UntilAsync(() => Task.FromResult(Listeners().Length == 2), "it listens on both ports");
        Assert.All(Listeners(), l => Assert.Equal(IPAddress.Loopback, l.Address));

        IPEndPoint[] Listeners() =>
            [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(l => service.SiloPorts.Contains(l.Port))];
    }

    private static async Task ClientAsync(ServiceProcess silo)
    {
        using var host = new HostBuilder()
            .UseOrleansClient(client =>
            {
                client.UseStaticClustering(new IPEndPoint(IPAddress.Loopback, silo.SiloPorts[1]));
                client.Configure<Orleans.Configuration.ClusterOptions>(o => (o.ClusterId, o.ServiceId) = ("etcdbackup", "etcdbackup"));
            }).Build();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await host.StartAsync(patience.Token);
        await host.StopAsync();
    }
}
