using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;
using k8s;
using k8s.Models;

[assembly: AssemblyFixture(typeof(EtcdBackup.Kubernetes.Tests.KubeFixture))]

// One after the other: they share a server, and each starts processes that need the machine. Side by side they only wait for each other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace EtcdBackup.Kubernetes.Tests;

/// <summary>One API server with our definitions, the rights that we ship for the service, and etcds to back up.</summary>
public sealed class KubeFixture : IAsyncLifetime
{
    /// <summary>The user that the service is to the API server; it has the rights that k8s/base gives to the service account.</summary>
    public const string ServiceUser = "system:serviceaccount:etcd-backup:etcd-backup";

    public KubeApiServer Server { get; private set; } = null!;

    public k8s.Kubernetes Admin { get; private set; } = null!;

    public EtcdServers Etcd { get; private set; } = null!;

    /// <summary>The kubeconfig of <see cref="ServiceUser"/>.</summary>
    public string ServiceConfig { get; private set; } = "";

    /// <summary>The kubeconfig of somebody without any rights.</summary>
    public string NobodyConfig { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Etcd = await EtcdServers.StartAsync();
        await Etcd.PutAsync("/a", 5);
        Server = await KubeApiServer.StartAsync();
        (ServiceConfig, NobodyConfig) = (Server.AddUser(ServiceUser), Server.AddUser("nobody"));
        await Server.DownAsync();
        await Server.UpAsync();
        await Server.ApplyDefinitionsAsync();
        Admin = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(Server.AdminConfig));
        await GrantAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Admin?.Dispose();
        foreach (var server in new IAsyncDisposable?[] { Server, Etcd })
        {
            if (server is not null)
            {
                await server.DisposeAsync();
            }
        }
    }

    /// <summary>A namespace of its own for a test.</summary>
    public async Task<string> NamespaceAsync()
    {
        var name = "t" + Guid.NewGuid().ToString("N")[..10];
        await Admin.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name } });
        return name;
    }

    /// <summary>The service, following the resources of some namespaces.</summary>
    public ServiceProcess Service(params string[] namespaces)
    {
        var service = new ServiceProcess();
        service.Config["Kubernetes"] = new JsonObject
        {
            ["Enabled"] = true,
            ["KubeConfigFile"] = ServiceConfig,
            ["Namespaces"] = new JsonArray([.. namespaces.Select(n => JsonValue.Create(n))]),
            ["AllowedAddresses"] = new JsonArray("127.0.0.0/8"),
        };
        service.Config["Removal"] = new JsonObject { ["GraceInSecond"] = 2 };
        return service;
    }

    /// <summary>The names of the clusters that are backed up; those on their way out are listed too, but have no silo.</summary>
    public static async Task<string[]> RegisteredAsync(ServiceProcess service) =>
        [.. (await service.JsonAsync("/v1/clusters")).EnumerateArray().Where(c => c.GetProperty("silo").GetString() != "").Select(c
            => c.GetProperty("name").GetString()!)];

    /// <summary>The runs of a cluster, newest first.</summary>
    public static async Task<IEnumerable<JsonElement>> RunsAsync(ServiceProcess service, string ns, string name) =>
        (await service.JsonAsync($"/v1/clusters/{ns}/{name}/status")).GetProperty("lastRuns").EnumerateArray();

    /// <summary>An <c>EtcdBackupPolicy</c> for the fixture's etcd.</summary>
    public JsonObject Policy(string inNamespace, string name, JsonObject? backup, params IEnumerable<string> endpoints)
    {
        var policy = new JsonObject
        {
            ["apiVersion"] = "etcdbackup.dev/v1",
            ["kind"] = "EtcdBackupPolicy",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = inNamespace },
            ["spec"] = new JsonObject
            {
                ["endpoints"] = new JsonArray(
                [.. (endpoints.Any() ? endpoints : Etcd.Endpoints).Select(e => JsonValue.Create(e))])
            },
        };
        if (backup is not null)
        {
            policy["spec"]!["backup"] = backup;
        }

        return policy;
    }

    public static JsonObject Backup(int intervalInSecond = 1800, bool autoDelete = false) =>
        new() { ["backupIntervalInSecond"] = intervalInSecond, ["autoDelete"] = autoDelete };

    /// <summary>As <c>kubectl apply</c> does.</summary>
    public async Task ApplyAsync(JsonObject resource)
    {
        var (group, plural) = Of(resource);
        await Admin.CustomObjects.PatchNamespacedCustomObjectAsync(
            new V1Patch(resource.ToJsonString(), V1Patch.PatchType.ApplyPatch), group[0], group[1],
                resource["metadata"]!["namespace"]!.GetValue<string>(), plural, resource["metadata"]!["name"]!.GetValue<string>(),
                fieldManager: "kubectl", force: true);
    }

    public async Task DeleteAsync(JsonObject resource)
    {
        var (group, plural) = Of(resource);
        await Admin.CustomObjects.DeleteNamespacedCustomObjectAsync(
            group[0], group[1], resource["metadata"]!["namespace"]!.GetValue<string>(), plural,
            resource["metadata"]!["name"]!.GetValue<string>());
    }

    /// <summary>The resource as the server has it; undefined when it is gone.</summary>
    public async Task<JsonElement> GetAsync(JsonObject resource)
    {
        var (group, plural) = Of(resource);
        try
        {
            return (JsonElement)await Admin.CustomObjects.GetNamespacedCustomObjectAsync(
                group[0], group[1], resource["metadata"]!["namespace"]!.GetValue<string>(), plural,
                resource["metadata"]!["name"]!.GetValue<string>());
        }
        catch (k8s.Autorest.HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return default;
        }
    }

    /// <summary>A condition of the status that we write; undefined when there is none.</summary>
    public async Task<JsonElement> ConditionAsync(JsonObject resource, string type)
    {
        var status = await StatusAsync(resource);
        return status.ValueKind == JsonValueKind.Object && status.TryGetProperty("conditions", out var conditions)
            ? conditions.EnumerateArray().FirstOrDefault(c => c.GetProperty("type").GetString() == type)
            : default;
    }

    public async Task<JsonElement> StatusAsync(JsonObject resource)
    {
        var found = await GetAsync(resource);
        if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty("status", out var status))
        {
            return default;
        }

        return resource["kind"]!.GetValue<string>() == "EtcdCluster"
            ? (status.TryGetProperty("backupServiceStatus", out var ours) ? ours : default) : status;
    }

    /// <summary>Waits until a condition has a status, e.g. Ready is True.</summary>
    public Task UntilConditionAsync(JsonObject resource, string type, string status, string? reason = null) =>
        Workspace.UntilAsync(async () =>
        await ConditionAsync(resource, type) is { ValueKind: JsonValueKind.Object } c && c.GetProperty("status").GetString() == status &&
            (reason is null || c.GetProperty("reason").GetString() == reason),
        $"{resource["metadata"]!["name"]}: {type} is {status} {reason}");

    public async Task<V1Service?> FindServiceAsync(string inNamespace, string cluster) =>
        (await Admin.CoreV1.ListNamespacedServiceAsync(inNamespace)).Items.SingleOrDefault(
            s => s.Metadata.Name == cluster + "-backup-sidecar");

    public async Task DeleteServiceAsync(string inNamespace, string name)
    {
        try
        {
            await Admin.CoreV1.DeleteNamespacedServiceAsync(name, inNamespace);
        }
        catch (JsonException)
        {
            // deleted: this server answers with a Status where the library expects the service
        }
    }

    private async Task GrantAsync()
    {
        foreach (var item in KubernetesYaml.LoadAllFromString(
            await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "k8s/base/rbac.yaml"))))
        {
            switch (item)
            {
                case V1ClusterRole role:
                    await Admin.RbacAuthorizationV1.CreateClusterRoleAsync(role);
                    break;
                case V1ClusterRoleBinding binding:
                    await Admin.RbacAuthorizationV1.CreateClusterRoleBindingAsync(binding);
                    break;
            }
        }
    }

    private static (string[] Group, string Plural) Of(JsonObject resource) =>
        (resource["apiVersion"]!.GetValue<string>().Split('/'), resource["kind"]!.GetValue<string>() == "EtcdCluster" ? "etcdclusters"
            : "etcdbackuppolicies");
}
