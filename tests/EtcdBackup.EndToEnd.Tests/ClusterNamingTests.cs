using System.Net;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

public class ClusterNamingTests
{
    [Fact]
    public async Task A_sidecar_host_that_fits_no_cluster_is_not_found_even_with_one_cluster_or_another_ones_data_would_be_restored()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("single", etcd.Endpoints)).StartAsync();
        await service.JsonAsync("/v1/backupnow");
        foreach (var (host, status) in new[]
        {
            ("single-backup-sidecar:19999", HttpStatusCode.OK), ("localhost", HttpStatusCode.OK), ("etcd-backup.etcd-backup.svc",
                HttpStatusCode.OK),
            ("other-backup-sidecar:19999", HttpStatusCode.NotFound), ("single-backup-sidecar.elsewhere", HttpStatusCode.NotFound),
        })
        {
            using var answer = await service.GetAsync("/v1/backup", host);
            Assert.Equal(status, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Several_clusters_are_told_apart_by_host_or_path()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await new ServiceProcess().With(
            ServiceProcess.Cluster("twin", etcd.Endpoints, @namespace: "one"),
            ServiceProcess.Cluster("twin", etcd.Endpoints, @namespace: "two"),
            ServiceProcess.Cluster("single", etcd.Endpoints, @namespace: "two")).StartAsync();

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("single-backup-sidecar:19999"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("twin-backup-sidecar.one.svc.cluster.local"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("localhost"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("nobody-backup-sidecar"));
        using var ambiguous = await service.GetAsync("/v1/status", "twin-backup-sidecar");
        Assert.Equal(HttpStatusCode.Conflict, ambiguous.StatusCode);
        var text = await ambiguous.Content.ReadAsStringAsync();
        Assert.Contains("twin-backup-sidecar.one", text, StringComparison.Ordinal);
        Assert.Contains("twin-backup-sidecar.two", text, StringComparison.Ordinal);
        await ContractTests.AssertProblemAsync(ambiguous);

        // The Host header wins only where the path names no cluster.
        using var byPath = await service.GetAsync("/v1/clusters/two/single/status", "twin-backup-sidecar.one");
        Assert.Contains("\"name\":\"single\"", await byPath.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        async Task<HttpStatusCode> StatusAsync(string host)
        {
            using var answer = await service.GetAsync("/v1/status", host);
            return answer.StatusCode;
        }
    }

    // The directory is on one of the silos: its answer travels to the others.
    internal static async Task AnswersByHostAsync(ServiceProcess silo)
    {
        foreach (var (host, code, says) in new[]
        {
            ("c7-backup-sidecar", HttpStatusCode.OK, "\"name\":\"c7\""),
            ("c0-backup-sidecar.prod.svc", HttpStatusCode.OK, "\"namespace\":\"prod\""),
            ("c0-backup-sidecar", HttpStatusCode.Conflict, "c0-backup-sidecar.default, c0-backup-sidecar.prod"),
            ("x-backup-sidecar", HttpStatusCode.NotFound, "of 21"),
        })
        {
            using var answer = await silo.GetAsync("/v1/status", host);
            Assert.Equal((host, code), (host, answer.StatusCode));
            Assert.Contains(says, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }
}
