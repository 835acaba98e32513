using EtcdBackup.Clusters;
using EtcdBackup.Host.Configuration;
using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Configuration;

public sealed class ClusterListTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Arguments_change_single_clusters_of_the_file_and_add_some()
    {
        var specs = Read("""
            { // comments and commas too many are allowed
              "Http": { "Urls": "http://127.0.0.1:5" },
              "Clusters": [ { "name": "a", "endpoints": ["http://a:1"], "backup": {} },
                            { "name": "b", "endpoints": ["http://b:1"], "backup": {} }, ] }
            """, "--Clusters:1:name=changed", "--Clusters:1:backup:maxBackups=7", "--Clusters:2:name=c",
            "--Clusters:2:endpoints:0=http://c:1",
            "--Clusters:2:backup:maxBackups=8").Specs!;
        Assert.Equal(["a 0", "changed 7", "c 8"], specs.Select(s => $"{s.Key.Name} {s.Backup.MaxBackups}"));
        Assert.Equal(["http://a:1/", "http://b:1/", "http://c:1/"], specs.Select(s => s.Endpoints.Single().ToString()));
    }

    [Fact]
    public void The_rest_of_the_file_is_read_too()
    {
        var read = Read("""{ "Http": { "Urls": "http://127.0.0.1:5" }, "clusters": [], "Logging": {}, "Kestrel": {} }""");
        Assert.Equal("http://127.0.0.1:5", read.Settings.Http.Urls);
        Assert.Empty(read.Specs!);
    }

    [Theory]
    [InlineData("""[ { "nam": "a" } ]""", "Clusters:0:nam is not known: allowed here are Auth, Backup, Endpoints, Name, Namespace, Tls")]
    [InlineData("""[ { "name": {"x": 1} } ]""", "Clusters:0:name holds other settings: a text belongs here")]
    [InlineData("""[ "a" ]""", "Clusters:0 is one text: a group of settings belongs here")]
    [InlineData("\"a\"", "Clusters is one text: a list belongs here")]
    [InlineData("""{ "x": { "name": "a" } }""", "Clusters:x is no item of a list")]
    [InlineData("""[ { "name": "a", "endpoints": "http://h:1" } ]""", "Clusters:0:endpoints is one text: a list belongs here")]
    [InlineData("""[ { "name": "a", "backup": { "maxBackups": "many" } } ]""",
        "Clusters:0:backup:maxBackups is 'many': a whole number belongs here")]
    [InlineData("""[ { "name": "a", "backup": { "autoDelete": "perhaps" } } ]""",
        "Clusters:0:backup:autoDelete is 'perhaps': true or false belongs here")]
    [InlineData("""[ { "name": "a", "backup": { "storageType": "7" } } ]""",
        "Clusters:0:backup:storageType is '7': one of PersistentVolume, S3, ABS belongs here")]
    [InlineData("""[ { "name": "A", "endpoints": [] } ]""", "Clusters:0 (default/A): name is 'A': allowed are " + ClusterKey.LabelRule)]
    [InlineData("""[ { "name": "a", "namespace": "B" } ]""",
        "Clusters:0 (B/a): namespace is 'B': allowed are " + ClusterKey.LabelRule)]
    [InlineData("""[ { "name": "a", "endpoints": ["h"] } ]""",
        "Clusters:0 (default/a): endpoints has 'h': write http://host:port or https://host:port")]
    [InlineData("""[ { "name": "a", "endpoints": ["ftp://h"], "backup": {} } ]""",
        "Clusters:0 (default/a): endpoints has 'ftp://h/': write http://host:port or https://host:port, with nothing after it, or " +
            "unix:///path or unixs:///path for a socket")]
    [InlineData("""[ { "name": "a" }, { "name": "b" }, { "name": "a" } ]""", "Clusters:2 (default/a): this cluster is listed twice")]
    public void What_is_wrong_with_a_cluster_is_told_with_its_path(string clusters, string problem) =>
        Assert.Equal(problem, Assert.Throws<SettingsException>(() => Read($$"""{ "Clusters": {{clusters}} }""")).Message);

    [Fact]
    public void Beside_a_list_of_clusters_the_other_settings_are_checked_too() => Assert.StartsWith("Http:Port is not known",
        Assert.Throws<SettingsException>(() => Read("""{ "Clusters": [], "Http": { "Port": 1 } }""")).Message, StringComparison.Ordinal);

    [Fact]
    public void Kinds_are_read_whatever_their_case() => Assert.Equal(StorageType.S3, Assert.Single(Read("""
        { "Clusters": [ { "name": "a", "endpoints": ["http://a:1"], "Backup": { "storageType": "s3", "s3": { "s3Bucket": "b" } } } ] }
        """).Specs!).Backup.StorageType);

    [Fact]
    public void A_file_that_is_not_there_or_no_JSON_says_so()
    {
        var file = _directory["config.json"];
        Assert.StartsWith($"the configuration file '{file}' cannot be read: ",
            Assert.Throws<SettingsException>(() => SettingsReader.Read(new StartOptions(file, []))).Message, StringComparison.Ordinal);
        Assert.StartsWith($"the configuration file '{file}' is no valid JSON: ",
            Assert.Throws<SettingsException>(() => Read("{ torn")).Message, StringComparison.Ordinal);
    }

    private ReadConfiguration Read(string json, params string[] arguments)
    {
        File.WriteAllText(_directory["config.json"], json);
        return SettingsReader.Read(new StartOptions(_directory["config.json"], arguments));
    }
}
