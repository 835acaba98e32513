using CsCheck;
using EtcdBackup.Clusters;

namespace EtcdBackup.Tests.Clusters;

public class HostResolverTests
{
    private static readonly ClusterKey[] Three = [new("default", "example"), new("prod", "example"), new("prod", "other")];

    [Theory]
    [InlineData("other-backup-sidecar:19999", "prod/other")]
    [InlineData("OTHER-Backup-Sidecar", "prod/other")]
    [InlineData("example-backup-sidecar.default", "default/example")]
    [InlineData("example-backup-sidecar.prod.svc", "prod/example")]
    [InlineData("example-backup-sidecar.prod.svc.cluster.local:80", "prod/example")]
    [InlineData("example-backup-sidecar.prod.svc.cluster.local.", "prod/example")]
    public void The_service_name_of_a_cluster_finds_it(string host, string expected) =>
        Assert.Equal(ClusterKey.Parse(expected), HostResolver.Resolve(host, Three).Found);

    [Fact]
    public void One_that_is_found_has_no_other_candidates() =>
        Assert.Empty(HostResolver.Resolve("other-backup-sidecar", Three).Candidates);

    [Fact]
    public void The_longest_host_is_one_with_labels_of_63_letters_the_highest_port_and_a_final_dot()
    {
        var longest = string.Join('.', Enumerable.Repeat(new string('a', 63), 4));
        Assert.Equal(Three[0], HostResolver.Resolve(longest + ".:65535", [Three[0]]).Found);
        Malformed(HostResolver.Resolve(string.Join('.', Enumerable.Repeat("aa", 88)), [Three[0]]));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1:19999")]
    [InlineData("[::1]:19999")]
    [InlineData("anything.example.org")]
    [InlineData("etcd-backup.etcd-backup.svc")]
    [InlineData("example-backup-sidecar")]
    public void With_one_cluster_any_host_that_names_no_cluster_means_it(string host) =>
        Assert.Equal(Three[0], HostResolver.Resolve(host, [Three[0]]).Found);

    [Theory]
    [InlineData("unknown-backup-sidecar")]
    [InlineData("unknown-backup-sidecar:19999")]
    [InlineData("example-backup-sidecar.prod")]
    [InlineData("example-backup-sidecar.default.pod")]
    [InlineData("Bad_Name-backup-sidecar")]
    [InlineData("-backup-sidecar.default")]
    [InlineData("0.other-backup-sidecar.default.svc")]
    [InlineData("x.example-backup-sidecar")]
    [InlineData("example-backup-sidecar-x.default")]
    public void A_cluster_that_is_named_and_not_there_is_never_the_only_other_one(string host) =>
        Unknown(HostResolver.Resolve(host, [Three[0]]), 1);

    [Theory]
    [InlineData("localhost")]
    [InlineData("[::1]")]
    [InlineData("unknown-backup-sidecar")]
    [InlineData("example-backup-sidecar.nowhere")]
    [InlineData("example-backup-sidecar.prod.pod.cluster.local")]
    [InlineData("-backup-sidecar")]
    public void With_several_clusters_a_host_that_names_none_is_unknown(string host) =>
        Unknown(HostResolver.Resolve(host, Three), 3);

    [Fact]
    public void A_short_name_in_two_namespaces_is_ambiguous()
    {
        var resolution = HostResolver.Resolve("example-backup-sidecar", Three);
        Assert.Null(resolution.Found);
        Assert.Equal([Three[0], Three[1]], resolution.Candidates);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("a@b")]
    [InlineData("a:b")]
    [InlineData("a:123456")]
    [InlineData("a:65536")]
    [InlineData("[::1")]
    [InlineData("[zz]")]
    [InlineData("exa\u0000mple")]
    [InlineData("пример")]
    public void What_is_no_host_is_malformed_even_with_one_cluster(string? host) =>
        Malformed(HostResolver.Resolve(host, [Three[0]]));

    [Fact]
    public void A_label_of_64_letters_is_malformed() =>
        Malformed(HostResolver.Resolve(new string('a', 64), [Three[0]]));

    [Fact]
    public void No_host_makes_it_throw() => Gen.String.Sample(host => HostResolver.Resolve(host, Three) is not null);

    private static void Unknown(HostResolution resolution, int registered)
    {
        Assert.Null(resolution.Found);
        Assert.Empty(resolution.Candidates);
        Assert.False(resolution.IsMalformed);
        Assert.Equal(registered, resolution.Registered);
    }

    private static void Malformed(HostResolution resolution)
    {
        Assert.Null(resolution.Found);
        Assert.True(resolution.IsMalformed);
    }
}
