using System.Net;
using System.Net.Sockets;
using EtcdBackup.Testing;
using k8s;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Tests;

/// <summary>A short name means the cluster in the caller's own namespace, as in DNS.</summary>
public sealed class CallerNamespaceTests(KubeFixture kube)
{
    [Fact]
    public async Task A_short_name_means_the_cluster_beside_the_pod_that_calls()
    {
        var (a, b) = (await kube.NamespaceAsync(), await kube.NamespaceAsync());
        var elsewhere = await kube.NamespaceAsync();
        await using var service = await kube.Service(a, b, elsewhere).StartAsync();
        foreach (var ns in new[] { a, b })
        {
            var policy = kube.Policy(ns, "etcd", KubeFixture.Backup());
            await kube.ApplyAsync(policy);
            await kube.UntilConditionAsync(policy, "BackupSucceeded", "True");
        }

        await PodAsync(a, "127.0.0.2");
        await PodAsync(b, "127.0.0.3");
        await PodAsync(elsewhere, "127.0.0.4");
        await PodAsync(a, "127.0.0.5", onHost: true);
        await PodAsync(a, "127.0.0.6", phase: "Succeeded");

        foreach (var (address, ns) in new[] { ("127.0.0.2", a), ("127.0.0.3", b) })
        {
            Assert.Equal(HttpStatusCode.OK, await AskAsync(service, address));
            var line = $"cluster={ns}/etcd GET /v1/backup from={address} ";
            await Workspace.UntilAsync(() => Task.FromResult(service.Output.Contains(line, StringComparison.Ordinal)), line);
        }

        // In another namespace, with a node's address, ended, and of nobody known.
        foreach (var address in new[] { "127.0.0.4", "127.0.0.5", "127.0.0.6", "127.0.0.7" })
        {
            Assert.Equal(HttpStatusCode.Conflict, await AskAsync(service, address));
        }

        // That nobody has an address is not remembered, and that somebody had it not for long.
        await PodAsync(a, "127.0.0.7");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(service, "127.0.0.7"));
        await kube.Admin.CoreV1.DeleteNamespacedPodAsync("caller-7", a, gracePeriodSeconds: 0);
        await PodAsync(b, "127.0.0.7");
        await Workspace.UntilAsync(
            async () => await AskAsync(service, "127.0.0.7") == HttpStatusCode.OK &&
                service.Output.Contains($"cluster={b}/etcd GET /v1/backup from=127.0.0.7 ", StringComparison.Ordinal),
            "the address belongs to the new pod");
    }

    private static async Task<HttpStatusCode> AskAsync(ServiceProcess service, string from)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, stop) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
                await socket.ConnectAsync(context.DnsEndPoint, stop);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(service.Client.BaseAddress!, "/v1/backup"));
        request.Headers.Host = "etcd-backup-sidecar";
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private async Task PodAsync(string ns, string address, string phase = "Running", bool onHost = false)
    {
        var name = $"caller-{address[^1]}";
        await kube.Admin.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = new V1ObjectMeta { Name = name },
                Spec = new V1PodSpec { HostNetwork = onHost ? true : null, Containers = [new V1Container { Name = "c", Image = "c" }] },
            },
            ns);
        var status = $$"""{ "status": { "phase": "{{phase}}", "podIP": "{{address}}" } }""";
        await kube.Admin.CoreV1.PatchNamespacedPodStatusAsync(new V1Patch(status, V1Patch.PatchType.MergePatch), name, ns);
    }
}
