using System.Text.Json;
using EtcdBackup.Clusters;

namespace EtcdBackup.Tests.Clusters;

public class ClusterKeyTests
{
    [Fact]
    public void It_is_written_and_read_as_namespace_and_name()
    {
        var key = ClusterKey.Parse("prod/my-etcd");
        Assert.Equal(("prod", "my-etcd", "prod/my-etcd"), (key.Namespace, key.Name, key.ToString()));
        Assert.Equal("\"prod/my-etcd\"", JsonSerializer.Serialize(key));
        Assert.Equal(key, JsonSerializer.Deserialize<ClusterKey>("\"prod/my-etcd\""));
    }

    [Theory]
    [InlineData("prod", "'prod' is no cluster: write namespace/name")]
    [InlineData("Prod/x", "'Prod' is no namespace: " + ClusterKey.LabelRule)]
    [InlineData("/x", "'' is no namespace: " + ClusterKey.LabelRule)]
    [InlineData("prod/-x", "'-x' is no cluster name: " + ClusterKey.LabelRule)]
    [InlineData("prod/x/y", "'x/y' is no cluster name: " + ClusterKey.LabelRule)]
    public void What_is_no_cluster_is_refused_with_what_is_wrong(string text, string problem)
    {
        Assert.Equal(problem, Assert.Throws<FormatException>(() => ClusterKey.Parse(text)).Message);
        Assert.Equal(problem, Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ClusterKey>($"\"{text}\"")).Message);
    }

    [Fact]
    public void A_label_has_at_most_63_letters()
    {
        Assert.True(ClusterKey.IsLabel(new string('a', 63)));
        Assert.False(ClusterKey.IsLabel(new string('a', 64)));
        Assert.False(ClusterKey.IsLabel(null));
    }
}
