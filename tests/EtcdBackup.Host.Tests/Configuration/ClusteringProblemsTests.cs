using EtcdBackup.Clusters;
using EtcdBackup.Host.Configuration;
using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Configuration;

public sealed class ClusteringProblemsTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void One_silo_may_have_short_times_and_a_directory_of_its_own() => Told(new Settings
    {
        Removal = { GraceInSecond = 1 },
        Clusters = [new ClusterSettings { Backup = new BackupSpec() }],
    });

    [Fact]
    public void Many_silos_may_have_backups_in_a_bucket_and_clusters_without_backups() => Told(OfMany(
        new ClusterSettings { Backup = new BackupSpec { StorageType = StorageType.S3 } }, new ClusterSettings()));

    [Fact]
    public void Of_many_clusters_one_in_a_directory_is_enough() => Told(
        OfMany(new ClusterSettings { Backup = new BackupSpec { StorageType = StorageType.S3 } },
            new ClusterSettings { Backup = new BackupSpec() }),
        "Orleans:Clustering is Redis, and a cluster's backups go to a directory");

    [Theory]
    [InlineData(ClusteringKind.Redis, StorageKind.PostgreSQL, "Orleans:Redis", "Orleans:PostgreSQL")]
    [InlineData(ClusteringKind.PostgreSQL, StorageKind.Redis, "Orleans:Redis", "Orleans:PostgreSQL")]
    [InlineData(ClusteringKind.Kubernetes, StorageKind.Redis, "Orleans:Redis")]
    [InlineData(ClusteringKind.Kubernetes, StorageKind.PostgreSQL, "Orleans:PostgreSQL")]
    [InlineData(ClusteringKind.Localhost, StorageKind.PostgreSQL, "Orleans:PostgreSQL")]
    public void Each_server_that_is_used_has_a_connection_string(object clustering, object storage, params string[] servers)
    {
        var settings = new Settings { Orleans = { Clustering = (ClusteringKind)clustering, Storage = (StorageKind)storage } };
        Told(settings, [.. servers.Select(s => $"{s} is used and has no connection string: set {s}:ConnectionString or ")]);
        File.WriteAllText(_directory["connection"], "redis:6379");
        settings.Orleans.Redis.ConnectionStringFile = _directory["connection"];
        settings.Orleans.PostgreSQL.ConnectionString = "Host=h";
        Told(settings);
    }

    [Fact]
    public void The_file_with_the_connection_string_comes_first()
    {
        File.WriteAllText(_directory["connection"], "redis:6379\n");
        Assert.Equal("here", new ServerSettings { ConnectionString = "here" }.Read());
        Assert.Equal("redis:6379",
            new ServerSettings { ConnectionString = "here", ConnectionStringFile = _directory["connection"] }.Read());
    }

    [Fact]
    public void A_file_that_is_named_must_be_there_used_or_not() => Told(
        new Settings { Orleans = { PostgreSQL = { ConnectionStringFile = "/no/such/file" } } },
        "Orleans:PostgreSQL:ConnectionStringFile is '/no/such/file': there is no such file");

    [Fact]
    public void Pods_are_watched_only_where_silos_find_each_other_by_Kubernetes()
    {
        var settings = OfMany();
        settings.Orleans.Kubernetes.WatchPods = true;
        Told(settings, "Orleans:Kubernetes:WatchPods is true, and Orleans:Clustering is Redis");
        settings.Orleans.Clustering = ClusteringKind.Kubernetes;
        Told(settings);
    }

    [Theory]
    [InlineData("10.0.0.1", 0)]
    [InlineData("::1", 0)]
    [InlineData("example.org", 1)]
    public void A_silo_is_reached_at_an_address(string address, int problems)
    {
        var settings = OfMany();
        settings.Orleans.AdvertisedAddress = address;
        Assert.Equal(problems, ClusteringProblems.Of(settings).Count());
    }

    private static Settings OfMany(params ClusterSettings[] clusters) => new()
    {
        Clusters = clusters,
        Orleans = { Clustering = ClusteringKind.Redis, Storage = StorageKind.Redis, Redis = { ConnectionString = "redis:6379" } },
    };

    private static void Told(Settings settings, params string[] expected)
    {
        var told = ClusteringProblems.Of(settings).ToArray();
        Assert.Equal(expected.Length, told.Length);
        Assert.All(expected.Zip(told), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }
}
