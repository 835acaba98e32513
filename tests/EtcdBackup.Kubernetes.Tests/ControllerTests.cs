using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;
using k8s;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Tests;

/// <summary>The service against a real API server, with the rights that we ship and no more.</summary>
public sealed class ControllerTests(KubeFixture kube)
{
    [Fact]
    public async Task A_resource_gets_its_service_and_first_backup_and_loses_them_again()
    {
        var ns = await kube.NamespaceAsync();
        await using var service = await kube.Service(ns).StartAsync();
        var policy = kube.Policy(ns, "example", KubeFixture.Backup());
        await kube.ApplyAsync(policy);
        await kube.UntilConditionAsync(policy, "Ready", "True");
        await kube.UntilConditionAsync(policy, "BackupSucceeded", "True");
        await kube.UntilConditionAsync(policy, "Verified", "True");
        var made = (await kube.FindServiceAsync(ns, "example"))!;
        Assert.Equal("ExternalName", made.Spec.Type);
        Assert.Equal("etcd-backup.etcd-backup.svc.cluster.local", made.Spec.ExternalName);
        Assert.Equal(19999, Assert.Single(made.Spec.Ports).Port);
        Assert.Equal("example", Assert.Single(made.Metadata.OwnerReferences).Name);

        // What the old scripts do, but for DNS.
        using (var answer = await service.GetAsync("/v1/backup", host: "example-backup-sidecar:19999"))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("6", Assert.Single(answer.Headers.GetValues("X-Revision")));
        }

        var status = await kube.StatusAsync(policy);
        Assert.Equal("Ready", status.GetProperty("state").GetString());
        Assert.Equal(6, status.GetProperty("recentBackup").GetProperty("revision").GetInt64());
        Assert.Equal(1, status.GetProperty("backups").GetInt32());
        var events = (await kube.Admin.CoreV1.ListNamespacedEventAsync(ns)).Items.Select(e => e.Reason).ToArray();
        Assert.Contains("Registered", events);
        Assert.Contains("UpToDate", events);

        // A deleted service comes back, a changed interval is taken over.
        await kube.DeleteServiceAsync(ns, "example-backup-sidecar");
        await Workspace.UntilAsync(async () => await kube.FindServiceAsync(ns, "example") is not null, "the service is made again");
        policy["spec"]!["backup"]!["backupIntervalInSecond"] = 2;
        await kube.ApplyAsync(policy);
        await Workspace.UntilAsync(async () => (await KubeFixture.RunsAsync(service, ns, "example")).Count(r => r.GetProperty("result")
            .GetString() == "unchanged") >= 2, "it is looked at every two seconds");

        policy = kube.Policy(ns, "example", backup: null);
        await kube.ApplyAsync(policy);
        await Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/clusters")).GetArrayLength() == 0, "it is not registered any more");
        await kube.UntilConditionAsync(policy, "Ready", "False", "BackupDisabled");
        await Workspace.UntilAsync(async () => await kube.FindServiceAsync(ns, "example") is null, "its service is gone");
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(service.BackupDirectory, "v1", ns, "example"), "*_etcd.backup"));
    }

    [Fact]
    public async Task The_status_tells_what_a_change_log_makes_recoverable()
    {
        var ns = await kube.NamespaceAsync();
        await using var service = await kube.Service(ns).StartAsync();
        var backup = KubeFixture.Backup(intervalInSecond: 2);
        backup["log"] = new JsonObject { ["enabled"] = true, ["sealInSecond"] = 1 };
        var policy = kube.Policy(ns, "example", backup);
        await kube.ApplyAsync(policy);
        await Workspace.UntilAsync(
            async () => (await kube.StatusAsync(policy)) is { ValueKind: JsonValueKind.Object } status &&
                status.TryGetProperty("recoverable", out var recoverable) && recoverable.TryGetProperty("from", out var from) &&
                from.GetProperty("revision").GetInt64() == 6 && recoverable.GetProperty("to").GetProperty("revision").GetInt64() == 6 &&
                recoverable.GetProperty("message").GetString() == "the change log goes on" &&
                recoverable.GetProperty("behindInRevisions").GetInt64() == 0,
            "the status tells it");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Backups_go_with_their_resource_only_if_it_says_so(bool isAutoDelete)
    {
        var ns = await kube.NamespaceAsync();
        await using var service = await kube.Service(ns).StartAsync();
        var policy = kube.Policy(ns, "example", KubeFixture.Backup(autoDelete: isAutoDelete));
        await kube.ApplyAsync(policy);
        await kube.UntilConditionAsync(policy, "BackupSucceeded", "True");
        var finalizers = (await kube.GetAsync(policy)).GetProperty("metadata").TryGetProperty("finalizers", out var f) ? f.GetArrayLength()
            : 0;
        Assert.Equal(isAutoDelete ? 1 : 0, finalizers);

        // A list of none would prove nothing.
        await kube.ApplyAsync(kube.Policy(ns, "other", KubeFixture.Backup()));
        await Workspace.UntilAsync(async () => (await KubeFixture.RegisteredAsync(service)).Length == 2, "both are registered");

        await service.KillAsync();
        await kube.DeleteAsync(policy);
        await service.StartAsync();
        await Workspace.UntilAsync(async () => (await kube.GetAsync(policy)).ValueKind == JsonValueKind.Undefined, "the resource is gone");
        await Workspace.UntilAsync(async () => (await KubeFixture.RegisteredAsync(service)) is ["other"], "it is not registered any more");
        await Workspace.UntilAsync(async () => await kube.FindServiceAsync(ns, "example") is null, "its service is gone");
        Assert.Equal(isAutoDelete ? 0 : 1,
            Directory.GetFiles(Path.Combine(service.BackupDirectory, "v1", ns, "example"), "*_etcd.backup").Length);
    }

    [Fact]
    public async Task A_list_of_no_resources_at_all_removes_nothing_and_the_last_one_is_removed_by_hand()
    {
        var ns = await kube.NamespaceAsync();
        await using var service = await kube.Service(ns).StartAsync();
        var policy = kube.Policy(ns, "example", KubeFixture.Backup());
        await kube.ApplyAsync(policy);
        await kube.UntilConditionAsync(policy, "BackupSucceeded", "True");
        using (var named = await service.Client.DeleteAsync($"/v1/clusters/{ns}/example"))
        {
            Assert.Equal(HttpStatusCode.Conflict, named.StatusCode);
            Assert.Contains("etcdbackuppolicies.etcdbackup.dev", await named.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await service.KillAsync();
        await kube.DeleteAsync(policy);
        await service.StartAsync();
        await Workspace.UntilAsync(() => Task.FromResult(service.Output.Contains("an empty list removes nothing",
            StringComparison.Ordinal)), "the log says what to do");
        await Task.Delay(TimeSpan.FromSeconds(6));
        Assert.Equal(["example"], await KubeFixture.RegisteredAsync(service));
        Assert.NotNull(await kube.FindServiceAsync(ns, "example"));
        await Workspace.UntilAsync(async ()
            => (await service.Client.DeleteAsync($"/v1/clusters/{ns}/example")).StatusCode == HttpStatusCode.NoContent, "it is removed");
        await Workspace.UntilAsync(async () => await kube.FindServiceAsync(ns, "example") is null, "its service is gone");
        Assert.Empty((await service.JsonAsync("/v1/clusters")).EnumerateArray());
    }

    [Fact]
    public async Task Five_hundred_at_once_are_all_registered()
    {
        var ns = await kube.NamespaceAsync();
        await using var service = await kube.Service(ns).StartAsync();
        var policies = Enumerable.Range(0, 500).Select(i => kube.Policy(ns, $"c{i}", KubeFixture.Backup())).ToArray();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            policies, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (p, _) => await kube.ApplyAsync(p));
        TestContext.Current.TestOutputHelper?.WriteLine($"500 applied after {watch.Elapsed.TotalSeconds:0.0} s");
        await Workspace.UntilAsync(async () => (await service.JsonAsync("/v1/clusters")).GetArrayLength() == 500, "all are registered");
        TestContext.Current.TestOutputHelper?.WriteLine($"500 registered after {watch.Elapsed.TotalSeconds:0.0} s");
        await Workspace.UntilAsync(
            async () => (await kube.Admin.CoreV1.ListNamespacedServiceAsync(ns)).Items.Count == 500, "all have their service");
        TestContext.Current.TestOutputHelper?.WriteLine($"500 services after {watch.Elapsed.TotalSeconds:0.0} s");

        watch.Restart();
        var one = kube.Policy(ns, "one-more", KubeFixture.Backup());
        await kube.ApplyAsync(one);
        await Workspace.UntilAsync(
            async () => (await service.GetAsync($"/v1/clusters/{ns}/one-more/status")).StatusCode == HttpStatusCode.OK,
            "one more is registered");
        TestContext.Current.TestOutputHelper?.WriteLine($"one more registered after {watch.Elapsed.TotalSeconds:0.00} s");
    }
}
