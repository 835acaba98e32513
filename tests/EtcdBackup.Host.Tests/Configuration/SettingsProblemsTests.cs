using EtcdBackup.Clusters;
using EtcdBackup.Host.Configuration;

namespace EtcdBackup.Host.Tests.Configuration;

public class SettingsProblemsTests
{
    private static readonly ClusterSettings ToVolume = new() { Name = "a", Backup = new BackupSpec() };

    private static readonly ClusterSettings ToBucket = new()
    {
        Name = "a",
        Backup = new BackupSpec { StorageType = StorageType.S3, S3 = new S3Spec { S3Bucket = "b", AwsSecret = "aws" } },
    };

    [Fact]
    public void The_defaults_have_none() => Assert.Empty(SettingsProblems.Of(new Settings()));

    [Theory]
    [InlineData("DataDirectory is empty")]
    [InlineData("Backups:MaxConcurrent is 1001: allowed are 0 to 1000")]
    [InlineData("Orleans:SiloPort is 65536: allowed are 0 to 65535")]
    [InlineData("Backups:GraceInSecond is -1: allowed are 0 to 3600")]
    [InlineData("Http:Urls has 'ftp://x'")]
    [InlineData("Http:TokenFile is '/no/such/file'")]
    [InlineData("Kubernetes:Namespaces has 'A_b'")]
    [InlineData("Kubernetes:ServiceTarget is '10.0.0.1'")]
    [InlineData("Backups:SecretsDirectory is empty")]
    [InlineData("Backups:AgeKeyFile")]
    public void Each_is_told_with_its_path(string expected)
    {
        var settings = new Settings
        {
            DataDirectory = " ",
            Clusters = [ToBucket],
            Http = { Urls = "http://127.0.0.1:1;ftp://x", TokenFile = "/no/such/file" },
            Orleans = { SiloPort = 65_536 },
            Backups = { MaxConcurrent = 1001, GraceInSecond = -1, AgeKeyFile = "/no/such/key" },
            Kubernetes = { Enabled = true, Namespaces = ["A_b"], ServiceTarget = "10.0.0.1" },
        };
        Assert.Contains(SettingsProblems.Of(settings), p => p.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ClusteringKind.Localhost, StorageKind.Sqlite, null)]
    [InlineData(ClusteringKind.Redis, StorageKind.Sqlite, "a file of one")]
    [InlineData(ClusteringKind.Kubernetes, StorageKind.Sqlite, "a file of one")]
    [InlineData(ClusteringKind.Localhost, StorageKind.Redis, "Orleans:Redis is used and has no connection string")]
    [InlineData(ClusteringKind.PostgreSQL, StorageKind.PostgreSQL, "Orleans:PostgreSQL is used and has no connection string")]
    public void Clustering_and_storage_must_fit_each_other(object clustering, object storage, string? expected)
    {
        var settings = new Settings { Orleans = { Clustering = (ClusteringKind)clustering, Storage = (StorageKind)storage } };
        Found(settings, expected);
    }

    [Fact]
    public void A_directory_of_each_silo_s_own_loses_backups()
    {
        var settings = OfMany(ToVolume);
        Found(settings, "each silo would have its own");
        settings.Backups.Shared = true;
        Found(settings, null);
    }

    [Fact]
    public void Many_silos_need_time_to_have_their_say()
    {
        var settings = OfMany();
        settings.Removal.GraceInSecond = 59;
        Found(settings, "with many silos allowed are 60 and more");
        settings.Removal.GraceInSecond = 60;
        Found(settings, null);
    }

    [Fact]
    public void Silos_are_found_by_name_and_address()
    {
        var settings = OfMany();
        (settings.Orleans.ClusterId, settings.Orleans.AdvertisedAddress, settings.Orleans.Kubernetes.WatchPods) = ("", "here", true);
        Found(settings, "Orleans:ClusterId is empty");
        Found(settings, "Orleans:AdvertisedAddress is 'here'");
        Found(settings, "Orleans:Kubernetes:WatchPods is true");
    }

    [Fact]
    public void A_file_with_a_connection_string_must_be_there()
    {
        var settings = OfMany();
        settings.Orleans.Redis.ConnectionStringFile = "/no/such/file";
        Found(settings, "Orleans:Redis:ConnectionStringFile is '/no/such/file'");
    }

    private static Settings OfMany(params ClusterSettings[] clusters) => new()
    {
        Clusters = clusters,
        Orleans = { Clustering = ClusteringKind.Redis, Storage = StorageKind.Redis, Redis = { ConnectionString = "redis:6379" } },
    };

    private static void Found(Settings settings, string? expected)
    {
        var problems = ClusteringProblems.Of(settings).ToArray();
        if (expected is null)
        {
            Assert.Empty(problems);
        }
        else
        {
            Assert.Contains(problems, p => p.Contains(expected, StringComparison.Ordinal));
        }
    }
}
