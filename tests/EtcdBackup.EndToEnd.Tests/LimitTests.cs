using System.Net;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>How often, and how much at once, callers may ask.</summary>
public class LimitTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task A_caller_who_asks_for_backups_too_often_is_told_when_to_come_back_and_holds_up_nobody_else()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 1);
        await using var service = new ServiceProcess().With(
            ServiceProcess.Cluster("one", etcd.Endpoints), ServiceProcess.Cluster("two", etcd.Endpoints));
        service.Config["Http"]!["BackupNowPerMinute"] = 3;
        await service.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            await service.JsonAsync("/v1/clusters/default/one/backupnow");
        }

        using var refused = await UntilRefusedAsync(service, "/v1/clusters/default/one/backupnow");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 20);
        Assert.Contains("too many calls for this cluster", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        await service.JsonAsync("/v1/clusters/default/one/status");
        await service.JsonAsync("/v1/clusters/default/two/backupnow");
    }

    [Fact]
    public async Task So_many_downloads_of_a_cluster_run_at_once_and_the_next_ones_wait_their_turn()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 40, MiB);
        await using var service = new ServiceProcess().With(
            ServiceProcess.Cluster("one", etcd.Endpoints), ServiceProcess.Cluster("two", etcd.Endpoints));
        service.Config["Http"]!["DownloadsPerCluster"] = 1;
        await service.StartAsync();
        await service.JsonAsync("/v1/clusters/default/one/backupnow");
        await service.JsonAsync("/v1/clusters/default/two/backupnow");

        // More than fits between the two ends: it runs until it is read.
        using var first = await service.Client.GetAsync("/v1/clusters/default/one/backup", HttpCompletionOption.ResponseHeadersRead);
        var second = service.Client.GetAsync("/v1/clusters/default/one/backup", HttpCompletionOption.ResponseHeadersRead);
        using (await service.Client.GetAsync("/v1/clusters/default/two/backup"))
        {
            Assert.False(second.IsCompleted);
        }

        using (var head = new HttpRequestMessage(HttpMethod.Head, "/v1/clusters/default/one/backup"))
        {
            Assert.Equal(HttpStatusCode.OK, (await service.Client.SendAsync(head)).StatusCode);
            Assert.False(second.IsCompleted);
        }

        await first.Content.ReadAsByteArrayAsync();
        Assert.Equal(HttpStatusCode.OK, (await second).StatusCode);
    }

    [Theory]
    [InlineData("header", HttpStatusCode.RequestHeaderFieldsTooLarge)]
    [InlineData("path", HttpStatusCode.RequestUriTooLong)]
    public async Task What_is_too_large_is_refused_and_the_next_request_answered(string what, HttpStatusCode status)
    {
        await using var service = await new ServiceProcess().StartAsync();
        var large = new string('x', 100 * 1024);
        using var request = new HttpRequestMessage(HttpMethod.Get, what == "path" ? $"/v1/clusters?a={large}" : "/v1/clusters");
        if (what == "header")
        {
            request.Headers.Add("X-Large", large);
        }

        using var answer = await service.Client.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/v1/clusters")).StatusCode);
    }

    // On a slow machine a token comes back meanwhile.
    private static async Task<HttpResponseMessage> UntilRefusedAsync(ServiceProcess service, string path)
    {
        for (var i = 0; i < 50; i++)
        {
            var answer = await service.GetAsync(path);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                return answer;
            }

            answer.Dispose();
        }

        throw new InvalidOperationException("53 calls were answered, and 3 in 60 s are allowed");
    }
}
