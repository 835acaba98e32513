using EtcdBackup.Clusters;

namespace EtcdBackup.Tests.Clusters;

public class StoreProblemsTests
{
    public static TheoryData<BackupSpec> Sound => new()
    {
        new BackupSpec { StorageType = StorageType.PersistentVolume },
        S3(new S3Spec { S3Bucket = "b" }),
        S3(new S3Spec { S3Bucket = "b", AwsSecret = "my.secret", Endpoint = "http://s3:9000", Prefix = "a..b/.c" }),
        S3(new S3Spec { S3Bucket = "b", Endpoint = "https://s3" }),
        Abs(new AbsSpec { AbsContainer = "c", AbsSecret = "s" }),
        Abs(new AbsSpec { AbsContainer = "c", Endpoint = "https://account.blob.core.windows.net" }),
    };

    public static TheoryData<BackupSpec, string> Unsound => new()
    {
        { new BackupSpec { StorageType = StorageType.S3 }, "backup.s3.s3Bucket is empty" },
        { S3(new S3Spec()), "backup.s3.s3Bucket is empty" },
        { new BackupSpec { StorageType = StorageType.ABS }, "backup.abs.absContainer is empty" },
        { Abs(new AbsSpec { AbsSecret = "s" }), "backup.abs.absContainer is empty" },
        { Abs(new AbsSpec { AbsContainer = "c" }), "backup.abs names no account" },
        { S3(new S3Spec { S3Bucket = "b", AwsSecret = "../s" }), "backup.s3.awsSecret is '../s'" },
        { S3(new S3Spec { S3Bucket = "b", AwsSecret = "a.B" }), "backup.s3.awsSecret is 'a.B'" },
        { Abs(new AbsSpec { AbsContainer = "c", AbsSecret = "a/b" }), "backup.abs.absSecret is 'a/b'" },
        { S3(new S3Spec { S3Bucket = "b", Endpoint = "host:9000" }), "backup.s3.endpoint is 'host:9000'" },
        { S3(new S3Spec { S3Bucket = "b", Endpoint = "/path" }), "backup.s3.endpoint is '/path'" },
        { Abs(new AbsSpec { AbsContainer = "c", Endpoint = "ftp://h" }), "backup.abs.endpoint is 'ftp://h'" },
        { S3(new S3Spec { S3Bucket = "b", Prefix = "/a" }), "backup.s3.prefix is '/a'" },
        { S3(new S3Spec { S3Bucket = "b", Prefix = "a/" }), "backup.s3.prefix is 'a/'" },
        { S3(new S3Spec { S3Bucket = "b", Prefix = "a//b" }), "backup.s3.prefix is 'a//b'" },
        { S3(new S3Spec { S3Bucket = "b", Prefix = "a/../b" }), "backup.s3.prefix is 'a/../b'" },
        { S3(new S3Spec { S3Bucket = "b", Prefix = "./a" }), "backup.s3.prefix is './a'" },
    };

    [Theory]
    [MemberData(nameof(Sound))]
    public void A_place_for_backups_that_is_told_whole_has_no_problems(BackupSpec backup) => Assert.Empty(StoreProblems.Of(backup));

    [Theory]
    [MemberData(nameof(Unsound))]
    public void Each_problem_is_named_with_its_value(BackupSpec backup, string expected) =>
        Assert.Contains(expected, Assert.Single(StoreProblems.Of(backup)), StringComparison.Ordinal);

    private static BackupSpec S3(S3Spec s3) => new() { StorageType = StorageType.S3, S3 = s3 };

    private static BackupSpec Abs(AbsSpec abs) => new() { StorageType = StorageType.ABS, Abs = abs };
}
