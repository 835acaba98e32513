using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EtcdBackup.Host.Configuration;
using EtcdBackup.Testing;
using k8s;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Tests;

/// <summary>What is in k8s/, built by kustomize and applied to a real API server that refuses every field that it does not know.</summary>
public sealed partial class ManifestTests(KubeFixture kube)
{
    private static readonly string Kubectl = Path.Combine(Workspace.Cache, "kube-tools/usr/bin/kubectl");

    public static TheoryData<string> Overlays =>
        [.. Directory.GetDirectories(Path.Combine(Workspace.Root, "k8s/overlays")).Select(d => Path.GetFileName(d)!).Order()];

    // Its kinds are the Prometheus operator's, which no API server here knows.
    [Fact]
    public async Task What_monitors_it_is_built_with_the_dashboard()
    {
        var built = await ChildProcess.RunAsync(Kubectl, "kustomize", Path.Combine(Workspace.Root, "k8s/monitoring"));
        foreach (var part in new[] { "kind: PodMonitor", "kind: PrometheusRule", "grafana_dashboard: \"1\"", "etcdbackup_clusters_served" })
        {
            Assert.Contains(part, built, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task An_overlay_applies_without_an_unknown_field(string overlay)
    {
        using var scratch = new ScratchDirectory();
        var built = await ChildProcess.RunAsync(Kubectl, "kustomize", Path.Combine(Workspace.Root, "k8s/overlays", overlay));

        // Each in a namespace of its own. And the one kind whose version moved on after the server that the tests build: its fields are
        // the same.
        var documents = built.Replace("apiVersion: policy/v1\n", "apiVersion: policy/v1beta1\n", StringComparison.Ordinal).Split("\n---\n")
            .Select(d =>
            d.Contains("kind: ClusterRole", StringComparison.Ordinal) ? d
            : d.Contains("kind: Namespace\n", StringComparison.Ordinal)
                ? d.Replace("name: etcd-backup", $"name: {overlay}-test", StringComparison.Ordinal)
            : d.Replace("namespace: etcd-backup", $"namespace: {overlay}-test", StringComparison.Ordinal));
        await File.WriteAllTextAsync(scratch["all.yaml"], string.Join("\n---\n", documents));
        var output = await KubectlAsync("apply", "--validate=strict", "--server-side", "--force-conflicts", "-f", scratch["all.yaml"]);
        foreach (var kind in new[] { $"namespace/{overlay}-test", "deployment.apps/etcd-backup", "service/etcd-backup",
            "networkpolicy.networking.k8s.io/etcd-backup", "poddisruptionbudget.policy/etcd-backup", "configmap/etcd-backup" })
        {
            Assert.Contains(kind + " serverside-applied", output, StringComparison.Ordinal);
        }

        // The pods carry what the restricted policy asks for, and the configuration is one that the service takes.
        var objects = KubernetesYaml.LoadAllFromString(built);
        var pod = objects.OfType<V1Deployment>().Single().Spec.Template.Spec;
        var container = Assert.Single(pod.Containers);
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
        Assert.True(container.SecurityContext is { ReadOnlyRootFilesystem: true, AllowPrivilegeEscalation: false });
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.DoesNotContain(
            objects.OfType<V1ClusterRole>().SelectMany(r => r.Rules), r =>
            r.Verbs.Contains("*") || r.Resources.Contains("*") || r.ApiGroups.Contains("*"));
        // Each file of the configuration is in a volume.
        var configured = objects.OfType<V1ConfigMap>().Single().Data["config.json"];
        Assert.All(MountedFile().Matches(configured), f => Assert.Contains(
            container.VolumeMounts, m => f.Groups[1].Value == m.MountPath && pod.Volumes.Any(v => v.Name == m.Name)));
        await CheckConfigurationAsync(scratch, configured);
    }

    [Fact]
    public async Task A_misspelt_field_is_refused()
    {
        using var scratch = new ScratchDirectory();
        var deployment = await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "k8s/base/deployment.yaml"));
        await File.WriteAllTextAsync(
            scratch["bad.yaml"], deployment.Replace("readOnlyRootFilesystem", "readOnlyRootFileSystem", StringComparison.Ordinal));
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => KubectlAsync("apply", "--validate=strict", "-f", scratch["bad.yaml"]));
        Assert.Contains("readOnlyRootFileSystem", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_examples_are_valid_and_lists_show_how_backups_stand()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Workspace.Root, "k8s/examples"), "*.yaml"))
        {
            var text = await KubectlAsync("apply", "--validate=strict", "-f", file);
            Assert.Matches("created|configured|unchanged", text);
            await KubectlAsync("delete", "-f", file);
        }

        var ns = await kube.NamespaceAsync();
        await using var service = await kube.Service(ns).StartAsync();
        var policy = kube.Policy(ns, "example", KubeFixture.Backup());
        await kube.ApplyAsync(policy);
        Assert.Contains("condition met",
            await KubectlAsync("wait", "--for=condition=BackupSucceeded", "ebp/example", "-n", ns, "--timeout=2m"),
            StringComparison.Ordinal);
        using var scratch = new ScratchDirectory();
        await File.WriteAllTextAsync(scratch["tokens"], "token");
        Assert.Contains("created",
            await KubectlAsync("-n", ns, "create", "secret", "generic", "etcd-backup-tokens", $"--from-file={scratch["tokens"]}"),
            StringComparison.Ordinal);
        var lines = (await KubectlAsync("get", "ebp", "-n", ns)).Split('\n');
        Assert.Matches(@"^NAME +LAST BACKUP +REVISION +SIZE MB +BACKUPS +STATUS +MESSAGE +AGE", lines[0]);
        Assert.Matches(@"^example +\d+s +6 +0\.\d+ +1 +Ready +3\.5\.30_0000000000000006_etcd\.backup holds all", lines[1]);
        var described = await KubectlAsync("describe", "ebp", "example", "-n", ns);
        Assert.Contains("Registered", described, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_commands_that_make_and_renew_the_silos_certificate_do_so()
    {
        using var scratch = new ScratchDirectory();
        var page = await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "docs/kubernetes.md"));
        var blocks = page.Split("\n## The silos' certificate\n")[1].Split("```sh\n").Skip(1).Select(b => b.Split("```")[0]).ToArray();
        var (make, renew) = (blocks[0], blocks[1]);
        var issue = make[make.LastIndexOf("openssl", StringComparison.Ordinal)..make.IndexOf("kubectl", StringComparison.Ordinal)];
        await KubectlAsync("create", "namespace", "etcd-backup");
        await RunAsync(make);
        var made = await CheckSecretAsync();
        await RunAsync(issue + renew);
        Assert.NotEqual(made, await CheckSecretAsync());

        Task<string> RunAsync(string commands) => ChildProcess.RunAsync(
            "bash", "-ec", $"cd {scratch.Path}; kubectl() {{ '{Kubectl}' --kubeconfig '{kube.Server.AdminConfig}' \"$@\"; }}\n{commands}");

        async Task<string> CheckSecretAsync()
        {
            var secret = await kube.Admin.CoreV1.ReadNamespacedSecretAsync("etcd-backup-silo-tls", "etcd-backup");
            var tls = new SiloTlsSettings { CertFile = scratch["1"], KeyFile = scratch["2"], CaFile = scratch["3"] };
            await File.WriteAllBytesAsync(tls.CertFile, secret.Data["tls.crt"]);
            await File.WriteAllBytesAsync(tls.KeyFile, secret.Data["tls.key"]);
            await File.WriteAllBytesAsync(tls.CaFile, secret.Data["ca.crt"]);
            Assert.Empty(SiloTlsProblems.Of(new OrleansSettings { Clustering = ClusteringKind.Kubernetes, Tls = tls }));
            return await File.ReadAllTextAsync(tls.CertFile);
        }
    }

    [Fact]
    public async Task An_idle_service_only_watches()
    {
        var ns = await kube.NamespaceAsync();
        await using var service = await kube.Service(ns).StartAsync();
        var policy = kube.Policy(ns, "example", KubeFixture.Backup(intervalInSecond: 1));
        await kube.ApplyAsync(policy);
        await kube.UntilConditionAsync(policy, "BackupSucceeded", "True");
        await kube.UntilConditionAsync(policy, "Verified", "True");

        // Unchanged looks each second are none of the API server's business.
        var before = Requests().Length;
        var looked = DateTimeOffset.UtcNow.AddSeconds(5);
        await Workspace.UntilAsync(
            async () => (await service.JsonAsync($"/v1/clusters/{ns}/example/status")).GetProperty("lastSuccess")
            .GetDateTimeOffset() > looked, "some looks later");
        Assert.Equal([], Requests().Skip(before).Where(r => !r.StartsWith("watch ", StringComparison.Ordinal)));

        // Other tests' services are the same user, and look elsewhere.
        string[] Requests() =>
            [.. kube.Server.RequestsOf(KubeFixture.ServiceUser).Where(r => r.Contains($"/namespaces/{ns}/", StringComparison.Ordinal))];
    }

    [GeneratedRegex("\"(/etc/etcd-backup/[^\"]*)/[^\"/]*\"")]
    private static partial Regex MountedFile();

    private static async Task CheckConfigurationAsync(ScratchDirectory scratch, string config)
    {
        // Files that are mounted in the pod, as they would be there.
        var json = JsonNode.Parse(config)!;
        foreach (var (section, field) in new[] { ("Http", "TokenFile"), ("Orleans:Redis", "ConnectionStringFile"),
            ("Orleans:PostgreSQL", "ConnectionStringFile") })
        {
            if (section.Split(':').Aggregate((JsonNode?)json, (node, name) => node?[name]) is { } node && node[field] is not null)
            {
                await File.WriteAllTextAsync(scratch[field], "localhost:1");
                node[field] = scratch[field];
            }
        }

        if (json["Orleans"]?["Tls"] is { } tls)
        {
            using var authority = new TestAuthority("silo authority");
            var (certificate, key) = authority.Issue("silo", "silo.test");
            foreach (var (field, text) in new[] { ("CertFile", certificate), ("KeyFile", key), ("CaFile", authority.Pem) })
            {
                await File.WriteAllTextAsync(scratch[field], text);
                tls[field] = scratch[field];
            }
        }

        await File.WriteAllTextAsync(scratch["config.json"], json.ToJsonString());
        Assert.True(SettingsReader.Read(new StartOptions(scratch["config.json"], [])).Settings.Kubernetes.Enabled);
    }

    private Task<string> KubectlAsync(params string[] arguments) =>
        ChildProcess.RunAsync(Kubectl, ["--kubeconfig", kube.Server.AdminConfig, .. arguments]);
}
