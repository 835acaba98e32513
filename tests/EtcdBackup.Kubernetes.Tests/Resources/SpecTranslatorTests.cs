using System.Text.Json;
using EtcdBackup.Kubernetes.Resources;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Tests.Resources;

public class SpecTranslatorTests
{
    [Theory]
    [InlineData("""{ "endpoints": ["http://a:2379"], "backup": {} }""", "http://a:2379/")]
    [InlineData("""{ "service": { "name": "etcd" }, "backup": {} }""", "http://etcd.ns.svc:2379/")]
    [InlineData("""{ "service": { "name": "etcd", "port": 1 }, "tls": { "secret": "s" }, "backup": {} }""", "https://etcd.ns.svc:1/")]
    public void A_policy_names_members_or_a_service(string spec, string endpoint)
    {
        var translated = Translate(ResourceKind.Policy, spec).Spec!;
        Assert.Equal(endpoint, Assert.Single(translated.Endpoints).ToString());
        Assert.Equal("ns/example", translated.Key.ToString());
        Assert.Equal(1800, translated.Backup.Interval.TotalSeconds);
    }

    [Theory]
    [InlineData("""{ "backup": {} }""", "give one of the two")]
    [InlineData("""{ "endpoints": ["http://a"], "service": { "name": "b" }, "backup": {} }""", "give one of the two")]
    [InlineData("""{ "endpoints": ["a b"], "backup": {} }""", "write http://host:port")]
    [InlineData("""{ "endpoints": ["http://a:1"], "tls": { "secret": "../../etc" }, "backup": {} }""", "write secret:NAME/KEY")]
    [InlineData("""{ "endpoints": ["http://a:1"], "tls": { "secret": "s", "caKey": "x/y" }, "backup": {} }""", "write secret:NAME/KEY")]
    [InlineData("""{ "endpoints": ["http://a:1"], "backup": { "storageType": "Tape" } }""", "spec.backup.storageType cannot be read")]
    [InlineData("""{ "endpoints": ["http://a:1"], "backup": { "maxBackups": "many" } }""", "spec.backup.maxBackups cannot be read")]
    [InlineData("""{ "endpoints": ["http://a:1"], "backup": { "maxBackups": -1 } }""", "spec.backup.maxBackups is -1")]
    [InlineData("""{ "endpoints": ["http://a:1"], "backup": { "storageType": "S3" } }""", "name the bucket")]
    [InlineData("""[]""", "cannot be read")]
    public void What_makes_no_sense_is_told(string spec, string problem)
    {
        var translated = Translate(ResourceKind.Policy, spec);
        Assert.Null(translated.Spec);
        Assert.Contains(problem, translated.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("with.dot", "names no cluster")]
    [InlineData("a-name-of-fifty-letters-is-too-long-for-its-service-x", "more than the 63")]
    public void A_name_that_no_service_can_have_is_told(string name, string problem) =>
        Assert.Contains(problem, Translate(ResourceKind.Policy, """{ "endpoints": ["http://a:1"], "backup": {} }""", name)
            .Problem, StringComparison.Ordinal);

    [Fact]
    public void A_resource_can_never_name_a_file_of_the_service()
    {
        var spec = Translate(ResourceKind.Policy,
            """{ "endpoints": ["https://a:1"], "tls": { "secret": "s" }, "auth": { "passwordSecret": "p" }, "backup": {} }""").Spec!;
        Assert.All([spec.Tls.CaFile, spec.Tls.CertFile, spec.Tls.KeyFile, spec.Auth.PasswordFile], f =>
            Assert.StartsWith("secret:", f, StringComparison.Ordinal));
        var smuggled = Translate(
            ResourceKind.Policy,
            """
            { "endpoints": ["https://a:1"], "backup": {},
              "tls": { "secret": "s", "caFile": "/etc/shadow" }, "Tls": { "caFile": "/etc/shadow" } }
            """).Spec;
        Assert.DoesNotContain("shadow", smuggled?.ToString() ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void An_old_operators_cluster_is_its_running_pods_or_else_its_service()
    {
        const string Spec = """{ "size": 3, "TLS": { "static": { "operatorSecret": "op" } }, "backup": {} }""";
        var without = Translate(ResourceKind.EtcdCluster, Spec).Spec!;
        Assert.Equal("https://example-client.ns.svc:2379/", Assert.Single(without.Endpoints).ToString());
        Assert.Equal("secret:op/etcd-client.key", without.Tls.KeyFile);

        var pods = new[] { Pod("b", "10.0.0.2"), Pod("a", "10.0.0.1", 1234), Pod("pending", "10.0.0.3", phase: "Pending"),
            Pod("six", "fd00::1"), Pod("no-ip", null) };
        var with = Translate(ResourceKind.EtcdCluster, Spec, pods: pods).Spec!;
        Assert.Equal(["https://10.0.0.1:1234/", "https://10.0.0.2:2379/", "https://[fd00::1]:2379/"],
            with.Endpoints.Select(e => e.ToString()));
        Assert.Equal("example-client.ns.svc", with.Tls.ServerName);
    }

    private static V1Pod Pod(string name, string? ip, int? port = null, string phase = "Running") => new()
    {
        Metadata = new V1ObjectMeta { Name = name },
        Spec = new V1PodSpec
        {
            Containers =
            [new V1Container { Name = "etcd", Ports = port is { } p ? [new V1ContainerPort { Name = "client", ContainerPort = p }]
            : null }]
        },
        Status = new V1PodStatus { Phase = phase, PodIP = ip },
    };

    private static Translation Translate(ResourceKind kind, string spec, string name = "example", IEnumerable<V1Pod>? pods = null) =>
        SpecTranslator.Translate(
        new BackedUpResource(
            new ResourceKey(kind, "ns", name), new V1ObjectMeta { Name = name, NamespaceProperty = "ns" },
            JsonDocument.Parse(spec).RootElement, null), pods ?? []);
}
