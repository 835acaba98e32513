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
    public async Task A_bad_spec_is_told_harms_no_other_and_leaves_what_was_in_force()
    {
        var ns = await kube.NamespaceAsync();
        await using var service = await kube.Service(ns).StartAsync();
        var good = kube.Policy(ns, "good", KubeFixture.Backup());
        var bad = kube.Policy(ns, "bad", new JsonObject { ["storageType"] = "S3" });
        await kube.ApplyAsync(bad);
        await kube.ApplyAsync(good);
        await kube.UntilConditionAsync(bad, "Ready", "False", "InvalidSpec");
        Assert.Contains("name the bucket", (await kube.ConditionAsync(bad, "Ready")).GetProperty("message").GetString(),
            StringComparison.Ordinal);
        Assert.Equal("Invalid", (await kube.StatusAsync(bad)).GetProperty("state").GetString());
        await kube.UntilConditionAsync(good, "BackupSucceeded", "True");
        Assert.Null(await kube.FindServiceAsync(ns, "bad"));

        good["spec"]!["service"] = new JsonObject { ["name"] = "also" };
        await kube.ApplyAsync(good);
        await kube.UntilConditionAsync(good, "Ready", "False", "InvalidSpec");
        Assert.Equal("good", Assert.Single((await service.JsonAsync("/v1/clusters")).EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(1, (await kube.StatusAsync(good)).GetProperty("backups").GetInt32());

        // A store that is not there is told too, though nothing can be listed in it.
        var lost = kube.Policy(
            ns, "lost", new JsonObject { ["storageType"] = "S3", ["s3"] = new JsonObject { ["s3Bucket"] = "b", ["awsSecret"] = "none" } });
        await kube.ApplyAsync(lost);
        await kube.UntilConditionAsync(lost, "BackupSucceeded", "False", "StoreFailed");
        Assert.Contains("the secret 'none' in namespace", (await kube.StatusAsync(lost)).GetProperty("message").GetString(),
            StringComparison.Ordinal);

        // The schema refuses the rest at the door.
        var worse = kube.Policy(ns, "worse", new JsonObject { ["maxBackups"] = -1 });
        var refused = await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(() => kube.ApplyAsync(worse));
        Assert.Contains("maxBackups", refused.Response.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_old_operators_clusters_are_found_by_their_pods_with_their_certificates()
    {
        var ns = await kube.NamespaceAsync();
        using var certificates = new TestCertificates($"example-client.{ns}.svc");
        await using var etcd = await EtcdServers.StartAsync(new EtcdOptions { Members = 3, Tls = certificates.Arguments });
        await kube.Admin.CoreV1.CreateNamespacedSecretAsync(
            new V1Secret
            {
                Metadata = new V1ObjectMeta { Name = "operator-tls" },
                Data = new Dictionary<string, byte[]>
                {
                    ["etcd-client-ca.crt"] = await File.ReadAllBytesAsync(certificates.CaFile),
                    ["etcd-client.crt"] = await File.ReadAllBytesAsync(certificates.ClientCert),
                    ["etcd-client.key"] = await File.ReadAllBytesAsync(certificates.ClientKey),
                },
            },
            ns);
        for (var i = 0; i < 3; i++)
        {
            await PodAsync(ns, $"example-{i}", "example", new Uri(etcd.Endpoints[i]).Port);
        }

        await using var service = await kube.Service(ns).StartAsync();
        var cluster = new JsonObject
        {
            ["apiVersion"] = "etcd.database.coreos.com/v1beta2",
            ["kind"] = "EtcdCluster",
            ["metadata"] = new JsonObject { ["name"] = "example", ["namespace"] = ns },
            ["spec"] = new JsonObject
            {
                ["size"] = 3,
                ["version"] = "3.5.30",
                ["TLS"] = new JsonObject
                {
                    ["static"] =
                    new JsonObject
                    {
                        ["member"] = new JsonObject { ["peerSecret"] = "p", ["serverSecret"] = "s" },
                        ["operatorSecret"] = "operator-tls"
                    }
                },
                ["backup"] = KubeFixture.Backup(),
            },
        };
        await kube.ApplyAsync(cluster);
        await kube.UntilConditionAsync(cluster, "BackupSucceeded", "True");
        Assert.Equal("EtcdCluster", Assert.Single((await kube.FindServiceAsync(ns, "example"))!.Metadata.OwnerReferences).Kind);

        // A member less, and its pod with it: the others are asked.
        await kube.Admin.CoreV1.DeleteNamespacedPodAsync("example-0", ns, gracePeriodSeconds: 0);
        await etcd.CtlAsync("put", "more", "1");
        await etcd.KillAsync(0);
        await Workspace.UntilAsync(
            async () => (await service.GetAsync($"/v1/clusters/{ns}/example/backupnow")).StatusCode == HttpStatusCode.OK,
            "a backup of the two others");
    }

    [Fact]
    public async Task One_name_in_two_namespaces_and_of_two_kinds_is_told_apart()
    {
        var (one, two) = (await kube.NamespaceAsync(), await kube.NamespaceAsync());
        await using var service = await kube.Service(one, two).StartAsync();
        var policies = new[] { one, two }.Select(ns => kube.Policy(ns, "example", KubeFixture.Backup())).ToArray();
        foreach (var policy in policies)
        {
            await kube.ApplyAsync(policy);
            await kube.UntilConditionAsync(policy, "BackupSucceeded", "True");
        }

        using (var ambiguous = await service.GetAsync("/v1/status", host: "example-backup-sidecar:19999"))
        {
            Assert.Equal(HttpStatusCode.Conflict, ambiguous.StatusCode);
        }

        using (var full = await service.GetAsync("/v1/status", host: $"example-backup-sidecar.{two}.svc.cluster.local:19999"))
        {
            Assert.Equal(two, JsonDocument.Parse(await full.Content.ReadAsStringAsync()).RootElement.GetProperty("namespace").GetString());
        }

        var rival = new JsonObject
        {
            ["apiVersion"] = "etcd.database.coreos.com/v1beta2",
            ["kind"] = "EtcdCluster",
            ["metadata"] = new JsonObject { ["name"] = "example", ["namespace"] = one },
            ["spec"] = new JsonObject { ["backup"] = KubeFixture.Backup() },
        };
        await kube.ApplyAsync(rival);
        await kube.UntilConditionAsync(rival, "Ready", "False", "NameTaken");
        await kube.DeleteAsync(policies[0]);
        await kube.UntilConditionAsync(rival, "Ready", "True");
    }

    [Fact]
    public async Task A_service_that_is_not_ours_stays_as_it_is()
    {
        var ns = await kube.NamespaceAsync();
        await kube.Admin.CoreV1.CreateNamespacedServiceAsync(
            new V1Service
            {
                Metadata = new V1ObjectMeta { Name = "example-backup-sidecar" },
                Spec = new V1ServiceSpec
                {
                    Type = "ClusterIP",
                    Selector = new Dictionary<string, string> { ["app"] = "old" },
                    Ports = [new V1ServicePort { Port = 19999, Protocol = "TCP" }]
                },
            },
            ns);
        await using var service = await kube.Service(ns).StartAsync();
        var policy = kube.Policy(ns, "example", KubeFixture.Backup());
        await kube.ApplyAsync(policy);
        await kube.UntilConditionAsync(policy, "Ready", "False", "ServiceConflict");
        await kube.UntilConditionAsync(policy, "BackupSucceeded", "True");
        Assert.Equal("ClusterIP", (await kube.FindServiceAsync(ns, "example"))!.Spec.Type);
        await kube.DeleteAsync(policy);
        await Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/clusters")).GetArrayLength() == 0, "it is not registered any more");
        Assert.NotNull(await kube.FindServiceAsync(ns, "example"));
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

    [Fact]
    public async Task A_resource_does_not_lead_to_the_services_own_machine_unless_an_operator_allows_it()
    {
        var ns = await kube.NamespaceAsync();
        await using var service = kube.Service(ns);
        ((JsonObject)service.Config["Kubernetes"]!).Remove("AllowedAddresses");
        await service.StartAsync();
        var policy = kube.Policy(ns, "example", KubeFixture.Backup());
        await kube.ApplyAsync(policy);
        await kube.UntilConditionAsync(policy, "BackupSucceeded", "False");
        var run = (await KubeFixture.RunsAsync(service, ns, "example")).First();
        Assert.Contains("where a resource may not send the service", run.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_rights_it_says_which_it_needs_and_goes_on_when_it_has_them()
    {
        var ns = await kube.NamespaceAsync();
        await using var service = kube.Service(ns);
        service.Config["Kubernetes"]!["KubeConfigFile"] = kube.NobodyConfig;
        await service.StartAsync();
        var policy = kube.Policy(ns, "example", KubeFixture.Backup());
        await kube.ApplyAsync(policy);
        await Workspace.UntilAsync(
            async () => (await (await service.GetAsync("/readyz")).Content.ReadAsStringAsync())
            .Contains($"may not list or watch services with the label app.kubernetes.io/managed-by=etcd-backup in namespace {ns}",
            StringComparison.Ordinal), "readyz tells");
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/readyz")).StatusCode);
        await kube.Admin.RbacAuthorizationV1.CreateNamespacedRoleBindingAsync(
            new V1RoleBinding
            {
                Metadata = new V1ObjectMeta { Name = "etcd-backup" },
                RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = "etcd-backup" },
                Subjects = [new Rbacv1Subject { Kind = "User", Name = "nobody", ApiGroup = "rbac.authorization.k8s.io" }],
            },
            ns);

        // A role in one namespace is enough for that one.
        await kube.UntilConditionAsync(policy, "BackupSucceeded", "True");
    }

    // A pod as the operator makes it; no kubelet here runs it, so its status is ours to write.
    private async Task PodAsync(string ns, string name, string cluster, int port)
    {
        await kube.Admin.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    Labels = new Dictionary<string,
                    string>
                    { ["app"] = "etcd", ["etcd_cluster"] = cluster }
                },
                Spec = new V1PodSpec
                {
                    Containers =
                    [new V1Container { Name = "etcd", Image = "etcd",
                    Ports = [new V1ContainerPort { Name = "client", ContainerPort = port, Protocol = "TCP" }] }]
                },
            },
            ns);
        await kube.Admin.CoreV1.PatchNamespacedPodStatusAsync(new V1Patch("""{"status":{"phase":"Running","podIP":"127.0.0.1"}}""", V1Patch.PatchType.MergePatch), name, ns);
    }
}
