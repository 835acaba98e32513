using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;
using k8s;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Tests;

/// <summary>What a resource asks for and does not get is told, and harms nothing.</summary>
public sealed class RefusalTests(KubeFixture kube)
{
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
}
