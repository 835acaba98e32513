using System.Diagnostics;
using EtcdBackup.Testing;
using k8s;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Tests;

/// <summary>Silos as pods: their names, and the controller's way from one to another.</summary>
public sealed class PodTests(KubeFixture kube)
{
    [Fact]
    public async Task A_silo_whose_pod_is_deleted_is_dead_at_once_and_the_controller_goes_on_in_another()
    {
        var ns = await kube.NamespaceAsync();
        await using var redis = await RedisServer.StartAsync();
        await using var cluster = new SiloCluster(2, "Redis", redis.ConnectionString);
        cluster.UseKubernetes(kube.Server.AdminConfig);
        for (var i = 0; i < 2; i++)
        {
            var config = cluster.Silos[i].Config;
            config["Orleans"]!["Kubernetes"]!["WatchPods"] = true;
            config["Orleans"]!["Kubernetes"]!["Namespace"] = ns;
            config["Kubernetes"] = kube.Service(ns).Config["Kubernetes"]!.DeepClone();
            await kube.Admin.CoreV1.CreateNamespacedPodAsync(
                new V1Pod
                {
                    Metadata = new V1ObjectMeta { Name = $"silo-{i}" },
                    Spec = new V1PodSpec { Containers = [new V1Container { Name = "silo", Image = "etcd-backup" }] }
                }, ns);
            await cluster.Silos[i].StartAsync(
                environment: new Dictionary<string,
                string>
                { ["POD_NAME"] = $"silo-{i}", ["POD_NAMESPACE"] = ns, ["POD_IP"] = "127.0.0.1" });
        }

        var policies = Enumerable.Range(0, 20).Select(i => kube.Policy(ns, $"c{i}", KubeFixture.Backup())).ToArray();
        foreach (var policy in policies)
        {
            await kube.ApplyAsync(policy);
        }

        await Workspace.UntilAsync(
            async () => (await SiloCluster.SpreadAsync(cluster.Silos[0])) is { Count: 2 } spread && spread.Values.Sum() == 20,
            "both silos have clusters");

        // The first silo started the controller. It hangs, and its node is gone: nobody could tell but by its pod.
        cluster.Silos[0].Process.Signal("STOP");
        var watch = Stopwatch.StartNew();
        await kube.Admin.CoreV1.DeleteNamespacedPodAsync("silo-0", ns, gracePeriodSeconds: 0);
        var late = kube.Policy(ns, "late", KubeFixture.Backup());
        await kube.ApplyAsync(late);
        await kube.UntilConditionAsync(late, "Ready", "True");
        TestContext.Current.TestOutputHelper?.WriteLine($"another silo's controller took over after {watch.Elapsed.TotalSeconds:0.0} s");
        await Workspace.UntilAsync(
            async () => (await SiloCluster.SpreadAsync(cluster.Silos[1])) is { Count: 1 } spread && spread.Values.Sum() == 21,
            "one silo has all");
        cluster.Silos[0].Process.Signal("CONT");
    }
}
