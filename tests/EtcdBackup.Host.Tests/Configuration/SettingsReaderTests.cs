using EtcdBackup.Clusters;
using EtcdBackup.Host.Configuration;
using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Configuration;

public sealed class SettingsReaderTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_Kubernetes_could_not_take_is_refused()
    {
        var problems = Assert.Throws<SettingsException>(
            () => Read(["--Kubernetes:Enabled=true", "--Kubernetes:ServiceTarget=http://x", "--Kubernetes:Namespaces:0=No",
            "--Orleans:Kubernetes:WatchPods=true"])).Message;
        Assert.Contains("Kubernetes:Namespaces has 'No'", problems, StringComparison.Ordinal);
        Assert.Contains("Kubernetes:ServiceTarget is 'http://x'", problems, StringComparison.Ordinal);
        Assert.Contains("Orleans:Kubernetes:WatchPods is true", problems, StringComparison.Ordinal);
    }

    // A URL in the wrong place is as secret as one in the right place.
    [Theory]
    [InlineData("--Notifications:Webhooks=https://hooks.example/XXXX", "Notifications:Webhooks is one text: a list belongs here")]
    [InlineData("--Notifications:Webhooks:0=https://hooks.example/XXXX", "Notifications:Webhooks:0 is one text: a group of settings")]
    [InlineData("--Notifications=https://hooks.example/XXXX", "Notifications is one text: a group of settings")]
    public void A_text_where_a_list_or_a_group_belongs_is_refused_by_its_path_and_not_repeated(string argument, string expected)
    {
        var problems = Assert.Throws<SettingsException>(() => Read([argument])).Message;
        Assert.Contains(expected, problems, StringComparison.Ordinal);
        Assert.DoesNotContain("XXXX", problems, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_file_all_defaults_hold()
    {
        var read = Read([]);
        Assert.Equal("http://127.0.0.1:19999", read.Settings.Http.Urls);
        Assert.Null(read.Specs);
    }

    [Theory]
    [InlineData("{}", false, 0)]
    [InlineData("""{ "Clusters": null }""", false, 0)]
    [InlineData("""{ "clusters": [] }""", true, 0)]
    [InlineData("""{ "Clusters": [ { "name": "a", "endpoints": ["http://h:1"], "backup": {} } ] }""", true, 1)]
    public void A_file_that_says_nothing_of_clusters_is_told_from_one_that_lists_none(string json, bool isSaid, int count)
    {
        File.WriteAllText(_directory["config.json"], json);
        var read = SettingsReader.Read(new StartOptions(_directory["config.json"], []));
        Assert.Equal(isSaid, read.Specs is not null);
        Assert.Equal(count, read.Settings.Clusters.Count);
    }

    [Fact]
    public void Times_of_removal_are_checked()
    {
        var e = Assert.Throws<SettingsException>(() => Read(["--Removal:GraceInSecond=0",
            "--Removal:BackupsGraceInSecond=-1"]));
        Assert.Contains("Removal:GraceInSecond is 0", e.Message, StringComparison.Ordinal);
        Assert.Contains("Removal:BackupsGraceInSecond is -1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void How_new_a_linked_file_is_its_target_tells()
    {
        var target = _directory["target.json"];
        File.WriteAllText(target, "{}");
        File.SetLastWriteTimeUtc(target, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        File.CreateSymbolicLink(_directory["link.json"], target);
        var source = new ClusterSource(new StartOptions(_directory["link.json"], []));
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), source.Stamp());
        var before = source.Fingerprint();
        File.SetLastWriteTimeUtc(target, new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        Assert.NotEqual(before, source.Fingerprint());
        Assert.Null(source.Read());
    }

    [Fact]
    public void An_empty_backup_spec_enables_backups_with_all_defaults_and_an_absent_one_or_null_does_not()
    {
        var specs = Specs("""
            { "Clusters": [ { "name": "on", "endpoints": ["http://h:1"], "backup": {} }, { "name": "off", "endpoints": ["http://h:1"] },
                { "name": "null", "endpoints": ["http://h:1"], "backup": null } ] }
            """);
        var spec = Assert.Single(specs);
        Assert.Equal(new ClusterKey("default", "on"), spec.Key);
        Assert.Equal(TimeSpan.FromMinutes(30), spec.Backup.Interval);
    }

    [Fact]
    public void The_fields_of_the_original_spec_are_read_whatever_their_case()
    {
        var spec = Assert.Single(Specs("""
            { "clusters": [ { "Namespace": "prod", "NAME": "a", "endpoints": ["http://h:1", "https://i:2"],
              "tls": { "caFile": "ca", "certFile": "c", "keyFile": "k", "serverName": "s" },
                  "auth": { "username": "u", "passwordFile": "p" },
              "backup": { "backupIntervalInSecond": 30, "maxBackups": 5, "storageType": "PersistentVolume",
                  "pv": { "volumeSizeInMB": 512, "storageClass": "fast" }, "autoDelete": true } } ] }
            """));
        Assert.Equal("prod/a", spec.Key.ToString());
        Assert.Equal(["http://h:1/", "https://i:2/"], spec.Endpoints.Select(e => e.ToString()));
        Assert.Equal(new TlsFiles { CaFile = "ca", CertFile = "c", KeyFile = "k", ServerName = "s" }, spec.Tls);
        Assert.Equal(new EtcdLogin { Username = "u", PasswordFile = "p" }, spec.Auth);
        Assert.Equal(new BackupSpec
        {
            BackupIntervalInSecond = 30,
            MaxBackups = 5,
            Pv = new PvSpec { VolumeSizeInMB = 512, StorageClass = "fast" },
            AutoDelete = true
        }, spec.Backup);
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var e = Assert.Throws<SettingsException>(() =>
            Specs("""{ "Http": { "Port": 1 }, "Orleans": { "Dashboard": "maybe" }, "Backup": 1 }"""));
        Assert.Contains("Http:Port is not known", e.Message, StringComparison.Ordinal);
        Assert.Contains("Orleans:Dashboard is 'maybe': true or false", e.Message, StringComparison.Ordinal);
        Assert.Contains("Backup is not known", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", true)]
    [InlineData("http://localhost:1;http://[::1]:1", true)]
    [InlineData("http://*:1", false)]
    [InlineData("http://10.0.0.1:1", false)]
    [InlineData("http://127.0.0.1:1;http://0.0.0.0:2", false)]
    [InlineData("http://10.0.0.1:1;http://10.0.0.2:1", false)]
    public void Without_a_token_only_loopback_may_listen(string urls, bool allowed)
    {
        string[] arguments = [$"--Http:Urls={urls}"];
        if (allowed)
        {
            Read(arguments);
        }
        else
        {
            Assert.Contains("Http:AllowAnonymous", Assert.Throws<SettingsException>(() => Read(arguments)).Message,
                StringComparison.Ordinal);
            Read([.. arguments, "--Http:AllowAnonymous:0=status"]);
        }
    }

    private static ReadConfiguration Read(string[] arguments) => SettingsReader.Read(new StartOptions(null, arguments));

    private IReadOnlyList<ClusterSpec> Specs(string json)
    {
        File.WriteAllText(_directory["config.json"], json);
        return SettingsReader.Read(new StartOptions(_directory["config.json"], [])).Specs!;
    }
}
