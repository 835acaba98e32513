using EtcdBackup.Clusters;
using EtcdBackup.Host.Configuration;
using EtcdBackup.Testing;

namespace EtcdBackup.Host.Tests.Configuration;

/// <summary>Where exactly what is allowed begins and ends.</summary>
public sealed class SettingsLimitTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("Http:BackupNowTimeoutInSecond", 1, 86_400)]
    [InlineData("Backups:MaxConcurrent", 0, 1000)]
    [InlineData("Backups:ProbeTimeoutInSecond", 1, 300)]
    [InlineData("Backups:SilenceTimeoutInSecond", 1, 3600)]
    [InlineData("Backups:GraceInSecond", 0, 3600)]
    [InlineData("Backups:SweepAgeInSecond", 1, 2_592_000)]
    [InlineData("Backups:ScrubIntervalInSecond", 0, 31_622_400)]
    [InlineData("Backups:ScrubMegabytesPerSecond", 1, 100_000)]
    [InlineData("Removal:GraceInSecond", 1, 2_592_000)]
    [InlineData("Removal:BackupsGraceInSecond", 1, 31_622_400)]
    [InlineData("Notifications:AfterFailures", 1, 1000)]
    [InlineData("Notifications:StaleAfterIntervals", 1, 1000)]
    [InlineData("Notifications:RepeatEveryInSecond", 0, 31_622_400)]
    [InlineData("Notifications:LookEveryInSecond", 1, 3600)]
    [InlineData("Orleans:SiloPort", 0, 65_535)]
    [InlineData("Orleans:GatewayPort", 0, 65_535)]
    public void Numbers_have_limits(string path, int least, int most)
    {
        Assert.Null(ProblemOf($"--{path}={least}"));
        Assert.Null(ProblemOf($"--{path}={most}"));
        Assert.Equal($"{path} is {least - 1}: allowed are {least} to {most}", ProblemOf($"--{path}={least - 1}"));
        Assert.Equal($"{path} is {most + 1}: allowed are {least} to {most}", ProblemOf($"--{path}={most + 1}"));
    }

    [Theory]
    [InlineData("", "Http:Urls is empty: write http://ADDRESS:PORT")]
    [InlineData(" ; ", "Http:Urls is empty: write http://ADDRESS:PORT")]
    [InlineData("here", "Http:Urls has 'here': write http://ADDRESS:PORT")]
    [InlineData("ftp://127.0.0.1", "Http:Urls has 'ftp://127.0.0.1': write http://ADDRESS:PORT")]
    [InlineData("http://127.0.0.2:1 ; http://[::1]:2;", null)]
    public void Urls_are_checked_one_by_one(string urls, string? problem) => Assert.Equal(problem, ProblemOf($"--Http:Urls={urls}"));

    [Theory]
    [InlineData("http://+:1")]
    [InlineData("http://*:1")]
    [InlineData("http://example.org:1;http://127.0.0.1:1")]
    public void With_a_token_any_address_will_do(string urls)
    {
        File.WriteAllText(_directory["tokens"], "t");
        Assert.StartsWith($"Http:Urls is '{urls}', reachable from other machines", ProblemOf($"--Http:Urls={urls}"),
            StringComparison.Ordinal);
        Assert.Null(ProblemOf($"--Http:Urls={urls}", $"--Http:TokenFile={_directory["tokens"]}"));
        Assert.Null(ProblemOf($"--Http:Urls={urls}", "--Http:AllowAnonymous:0=status"));
    }

    [Fact]
    public void The_service_that_Kubernetes_leads_to_has_a_name_only_if_Kubernetes_is_used()
    {
        Assert.Null(ProblemOf("--Kubernetes:ServiceTarget=10.0.0.1", "--Kubernetes:Namespaces:0=prod"));
        Assert.StartsWith("Kestrel:Endpoints is set", ProblemOf("--Kestrel:Endpoints:x:Url=http://0.0.0.0:1"), StringComparison.Ordinal);
        Assert.StartsWith("Kestrel:Certificates is set", ProblemOf("--Kestrel:Certificates:Default:Path=x"), StringComparison.Ordinal);
        Assert.StartsWith("Http:Urls has 'http://x@localhost:1'", ProblemOf("--Http:Urls=http://x@localhost:1"), StringComparison.Ordinal);
        Assert.Null(ProblemOf("--Kubernetes:AllowedAddresses:0=10.0.0.0/8", "--Kubernetes:AllowedAddresses:1=fd00::/8"));
        Assert.Contains("Kubernetes:AllowedAddresses has 'localhost'", ProblemOf("--Kubernetes:AllowedAddresses:0=localhost"));
        Assert.Null(ProblemOf("--Kubernetes:OwnIdentityFor:0=s3://bucket", "--Kubernetes:OwnIdentityFor:1=https://a.blob.test/backups"));
        Assert.Contains("Kubernetes:OwnIdentityFor has 'bucket'", ProblemOf("--Kubernetes:OwnIdentityFor:0=bucket"));
        Assert.Contains("Kubernetes:OwnIdentityFor has 'https://a.test'", ProblemOf("--Kubernetes:OwnIdentityFor:0=https://a.test"));
        Assert.Null(ProblemOf("--Kubernetes:Enabled=true"));
        Assert.StartsWith("Kubernetes:ServiceTarget is '10.0.0.1'",
            ProblemOf("--Kubernetes:Enabled=true", "--Kubernetes:ServiceTarget=10.0.0.1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_need_a_directory_only_if_a_cluster_names_one_for_its_store()
    {
        var (s3, abs) = (new S3Spec { AwsSecret = "s" }, new AbsSpec { AbsSecret = "s" });
        const string problem = "Backups:SecretsDirectory is empty";
        Told(problem, new BackupSpec { StorageType = StorageType.S3, S3 = s3 });
        Told(problem, new BackupSpec { StorageType = StorageType.ABS, Abs = abs });
        Told(null, new BackupSpec { StorageType = StorageType.S3, S3 = new S3Spec(), Abs = abs });
        Told(null, new BackupSpec { StorageType = StorageType.ABS, Abs = new AbsSpec(), S3 = s3 });
        Told(null, new BackupSpec { S3 = s3, Abs = abs });
        Assert.Empty(SettingsProblems.Of(new Settings
        {
            Clusters = [new ClusterSettings { Backup = new BackupSpec { StorageType = StorageType.S3, S3 = s3 } }],
            Backups = { SecretsDirectory = "/secrets" },
        }));
    }

    [Fact]
    public void Encryption_needs_a_key()
    {
        Told("Backups:AgeKeyFile, Backups:AgeRecipientsFile: ", new BackupSpec { Encryption = Encryption.Age });
        Told(null, new BackupSpec { Encryption = Encryption.None });
        Told(null, null);
        Assert.StartsWith("Backups:AgeKeyFile, Backups:AgeRecipientsFile: ", ProblemOf("--Backups:AgeKeyFile=/no/such/file"),
            StringComparison.Ordinal);
    }

    private static void Told(string? problem, BackupSpec? backup)
    {
        var told = SettingsProblems.Of(new Settings { Clusters = [new ClusterSettings { Backup = backup }] }).ToArray();
        Assert.Equal(problem is null ? 0 : 1, told.Length);
        Assert.All(told, t => Assert.StartsWith(problem!, t, StringComparison.Ordinal));
    }

    private static string? ProblemOf(params string[] arguments)
    {
        try
        {
            SettingsReader.Read(new StartOptions(null, arguments));
            return null;
        }
        catch (SettingsException e)
        {
            return e.Message;
        }
    }
}
