using System.Net;
using EtcdBackup.Testing;
using static EtcdBackup.EndToEnd.Tests.TokenService;

namespace EtcdBackup.EndToEnd.Tests;

public class AccessTests
{
    [Fact]
    public async Task What_shows_all_clusters_needs_a_grant_for_all()
    {
        var table = new[]
        {
            ("/metrics", "status", true),
            ("/metrics", "status@mine/*", false),
            ("/dashboard/", "admin", true),
            ("/dashboard/", "admin@mine/*", false),
            ("/dashboard/", "status backup:read", false),
            ("/openapi/v1.json", "status@mine/*", true),
            ("/scalar/", "status@mine/*", true),
            ("/nothing/here", "status", false),
        };
        await using var service = await StartAsync(table.Select((t, i) => Line($"caller-{i}", t.Item2)));
        foreach (var ((path, grants, isAllowed), i) in table.Select((t, i) => (t, i)))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await service.GetAsync(path)).StatusCode);
            var status = (await service.GetAsync(path, token: $"caller-{i}")).StatusCode;
            Assert.True(status == (isAllowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden), $"{path} with {grants}: {status}");
        }
    }

    [Fact]
    public async Task A_list_shows_only_what_the_caller_may_see_and_a_probe_tells_reasons_only_to_them()
    {
        await using var service = await StartAsync([Line("one", "status@mine/*"), Line("all", "status")]);
        Assert.Equal(1, (await JsonAsync(service, "/v1/clusters", "one")).GetArrayLength());
        Assert.Equal(2, (await JsonAsync(service, "/v1/clusters", "all")).GetArrayLength());
        Assert.Equal("ready\n", await (await service.GetAsync("/readyz")).Content.ReadAsStringAsync());
        Assert.StartsWith("the silo is active", await (await service.GetAsync("/readyz", token: "one")).Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        var denied = await service.GetAsync("/v1/clusters/other/example/status", token: "one");
        Assert.Contains("'one' may not do this: it needs status", await denied.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await Workspace.UntilAsync(
            () => Task.FromResult(service.Output.Contains(
                "caller=one via=token verb=status cluster=other/example GET /v1/clusters/other/example/status from=127.0.0.1 " +
                    "outcome=403 denied",
                StringComparison.Ordinal)),
            "it is logged");
    }

    [Fact]
    public async Task Each_request_that_takes_reads_or_deletes_is_in_the_audit_log_with_who_what_and_how_it_ended()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = new ServiceProcess().WithDashboard().With(ServiceProcess.Cluster("example", etcd.Endpoints));
        await File.WriteAllLinesAsync(
            service["tokens"], [Line("reader", "backup:create status backup:read"), Line("all", "*"), Line("setup", "*")]);
        service.Config["Http"]!["TokenFile"] = service["tokens"];
        await StartAsync(service, "setup", clusters: 1);
        const string Path = "/v1/clusters/default/example";
        await etcd.PutAsync("/a", 1);
        await service.GetAsync("/v1/backupnow", token: "reader");
        await service.GetAsync($"{Path}/backup?etcdVersion=3.x&token=SECRET%0Acaller=x", token: "reader");
        await service.GetAsync($"{Path}/backup", token: "reader");
        await service.GetAsync($"{Path}/status", token: "reader");
        await service.GetAsync("/dashboard/", token: "all");
        await service.GetAsync($"{Path}/backup");
        using var remove = new HttpRequestMessage(HttpMethod.Delete, $"{Path}/backups/3.5.30_000000000000000f_etcd.backup?force=true");
        remove.Headers.Authorization = new("Bearer", "all");
        await service.Client.SendAsync(remove);
        var lines = new[]
        {
            "caller=reader via=token verb=backup:create cluster=default/example GET /v1/backupnow from=127.0.0.1 outcome=200",
            $"caller=reader via=token verb=backup:read cluster=default/example GET {Path}/backup?etcdVersion=3.x from=127.0.0.1 " +
                "outcome=400",
            $"caller=reader via=token verb=backup:read cluster=default/example GET {Path}/backup from=127.0.0.1 outcome=200",
            $"caller=nobody via=- verb=backup:read cluster=- GET {Path}/backup from=127.0.0.1 outcome=401 denied",
            "caller=all via=token verb=backup:delete cluster=default/example " +
                $"DELETE {Path}/backups/3.5.30_000000000000000f_etcd.backup?force=true from=127.0.0.1 outcome=404",
        };
        await Workspace.UntilAsync(
            () => Task.FromResult(lines.All(l => service.Output.Contains(l, StringComparison.Ordinal))), string.Join('\n', lines), 60);
        Assert.Equal(lines.Length, service.Output.Split("outcome=").Length - 1);
        Assert.DoesNotContain("SECRET", service.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_call_for_a_cluster_does_not_learn_whether_it_exists()
    {
        await using var service = await StartAsync([Line("one", "*@mine/*"), Line("all", "*")]);
        foreach (var path in new[] { "/v1/clusters/other/example/status", "/v1/clusters/none/example/status" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await service.GetAsync(path, token: "one")).StatusCode);
        }

        foreach (var (host, status) in new[]
        {
            ("example-backup-sidecar.other", HttpStatusCode.OK), ("none-backup-sidecar.other", HttpStatusCode.NotFound),
            ("example-backup-sidecar", HttpStatusCode.Conflict), ("none", HttpStatusCode.NotFound),
        })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await service.GetAsync("/v1/status", host, "one")).StatusCode);
            Assert.Equal(status, (await service.GetAsync("/v1/status", host, "all")).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/v1/status", "example-backup-sidecar.mine", "one")).StatusCode);
        await Workspace.UntilAsync(
            () => Task.FromResult(
                service.Output.Contains("caller=one via=token verb=status cluster=host:none-backup-sidecar.other GET /v1/status",
                StringComparison.Ordinal)),
            "it is logged which was tried", 60);
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync("/v1/clusters/none/example/status", token: "all")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await service.GetAsync("/v1/clusters/No_Label/example/status", token: "all")).StatusCode);
    }

    // As kubelet does it: the file is behind a symbolic link, and the link is swapped; size and time of the file stay.
    [Fact]
    public async Task A_token_that_is_taken_out_of_a_mounted_secret_is_refused_at_once()
    {
        await using var service = new ServiceProcess().With(MineAndOther);
        foreach (var (folder, token) in new[] { ("old", "first"), ("new", "later") })
        {
            Directory.CreateDirectory(service[folder]);
            await File.WriteAllTextAsync(service[$"{folder}/tokens"], token + "\n");
            File.SetLastWriteTimeUtc(service[$"{folder}/tokens"], new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        Directory.CreateSymbolicLink(service["data-link"], service["old"]);
        service.Config["Http"]!["TokenFile"] = service["data-link/tokens"];
        await StartAsync(service, "first");
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/v1/clusters", token: "first")).StatusCode);
        Directory.CreateSymbolicLink(service["next-link"], service["new"]);
        await ChildProcess.RunAsync("mv", "-T", service["next-link"], service["data-link"]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.GetAsync("/v1/clusters", token: "first")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/v1/clusters", token: "later")).StatusCode);
    }

    [Fact]
    public async Task Without_a_token_callers_may_do_what_the_settings_say()
    {
        await using var service = new ServiceProcess().With(MineAndOther);
        await File.WriteAllTextAsync(service["tokens"], "token\n");
        service.Config["Http"]!["TokenFile"] = service["tokens"];
        service.Config["Http"]!["AllowAnonymous"] = new System.Text.Json.Nodes.JsonArray("status@mine/*");
        await StartAsync(service, "token");
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/v1/clusters/mine/example/status")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.GetAsync("/v1/clusters/other/example/status")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/v1/clusters/other/example/status", token: "token")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.GetAsync("/v1/clusters/mine/example/status", token: "wrong")).StatusCode);
    }
}
