using System.Net;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;
using k8s;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Tests;

/// <summary>The clusters of the old etcd operator, as it left them.</summary>
public sealed class OperatorClusterTests(KubeFixture kube)
{
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
        await kube.Admin.CoreV1.PatchNamespacedPodStatusAsync(
            new V1Patch("""{"status":{"phase":"Running","podIP":"127.0.0.1"}}""", V1Patch.PatchType.MergePatch), name, ns);
    }
}
