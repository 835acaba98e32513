using EtcdBackup.Clusters;

namespace EtcdBackup.Tests.Clusters;

public class SpecProblemsTests
{
    private static readonly ClusterSpec Sound = new()
    {
        Key = new ClusterKey("default", "example"),
        Endpoints = [new Uri("http://127.0.0.1:2379")],
        Backup = new BackupSpec(),
    };

    [Fact]
    public void A_sound_spec_has_no_problems() => Assert.Empty(SpecProblems.Of(Sound));

    public static TheoryData<ClusterSpec, string> Unsound => new()
    {
        { Sound with { Endpoints = [] }, "endpoints is empty" },
        { Sound with { Endpoints = [new Uri("ftp://h")] }, "ftp://h" },
        { Sound with { Endpoints = [new Uri("http://h/path")] }, "http://h/path" },
        { Sound with { Endpoints = [new Uri("unix://host/path")] }, "unix://host/path" },
        { Sound with { Endpoints = [new Uri("unix:///")] }, "unix:///" },
        { Sound with { Endpoints = [new Uri("http://h?query")] }, "http://h/?query" },
        { Sound with { Endpoints = [new Uri("http://h#part")] }, "http://h/#part" },
        { Sound with { Endpoints = [new Uri("http://user@h")] }, "http://user@h/" },
        { Sound with { Endpoints = [new Uri("http://h:2379"), new Uri("ftp://second")] }, "ftp://second" },
        { Sound with { Tls = new TlsFiles { CertFile = "c" } }, "tls.certFile and tls.keyFile" },
        { Sound with { Tls = new TlsFiles { KeyFile = "k" } }, "tls.certFile and tls.keyFile" },
        { Sound with { Auth = new EtcdLogin { Username = "u" } }, "auth.username and auth.passwordFile" },
        { Sound with { Auth = new EtcdLogin { PasswordFile = "p" } }, "auth.username and auth.passwordFile" },
        { Sound with { Tls = new TlsFiles { CaFile = "secret:a" } }, "tls.caFile is 'secret:a'" },
        { Sound with { Tls = new TlsFiles { CertFile = "secret:a/b/c", KeyFile = "k" } }, "tls.certFile is 'secret:a/b/c'" },
        { Sound with { Tls = new TlsFiles { CertFile = "c", KeyFile = "secret:A/b" } }, "tls.keyFile is 'secret:A/b'" },
        { Sound with { Tls = new TlsFiles { CaFile = "secret:a.B/c" } }, "tls.caFile is 'secret:a.B/c'" },
        { Sound with { Auth = new EtcdLogin { Username = "u", PasswordFile = "secret:/b" } }, "auth.passwordFile is 'secret:/b'" },
        { Sound with { Auth = new EtcdLogin { Username = "u", PasswordFile = "secret:a/" } }, "auth.passwordFile is 'secret:a/'" },
        { Sound with { Backup = new BackupSpec { BackupIntervalInSecond = -1 } }, "backupIntervalInSecond is -1" },
        { Sound with { Backup = new BackupSpec { BackupIntervalInSecond = int.MaxValue } }, "backupIntervalInSecond is 2147483647" },
        { With(new BackupSpec { BackupIntervalInSecond = 2592001 }), "allowed are 1 to 2592000" },
        { With(new BackupSpec { MaxBackups = -1 }), "maxBackups is -1" },
        { With(new BackupSpec { Pv = new PvSpec { VolumeSizeInMB = -1 } }), "backup.pv.volumeSizeInMB is -1" },
        { With(new RetentionSpec { KeepLast = -1 }), "backup.retention.keepLast is -1" },
        { With(new RetentionSpec { KeepHourly = -1 }), "backup.retention.keepHourly is -1" },
        { With(new RetentionSpec { KeepDaily = -1 }), "backup.retention.keepDaily is -1" },
        { With(new RetentionSpec { KeepWeekly = -1 }), "backup.retention.keepWeekly is -1" },
        { With(new RetentionSpec { KeepMonthly = -1 }), "backup.retention.keepMonthly is -1" },
        { With(new RetentionSpec { MaxSizeInMB = -1 }), "backup.retention.maxSizeInMB is -1" },
        { With(new RetentionSpec { MaxAge = "1w" }), "backup.retention.maxAge is '1w'" },
        { With(new RetentionSpec { KeepEarlierLineages = "x" }), "backup.retention.keepEarlierLineages is 'x'" },
    };

    [Theory]
    [MemberData(nameof(Unsound))]
    public void Each_problem_is_named_with_its_value(ClusterSpec spec, string expected) =>
        Assert.Contains(expected, Assert.Single(SpecProblems.Of(spec)), StringComparison.Ordinal);

    [Fact]
    public void What_is_just_within_the_limits_is_allowed()
    {
        Assert.Empty(SpecProblems.Of(Sound with { Endpoints = [new Uri("http://h:2379"), new Uri("https://h:2379/")] }));
        Assert.Empty(SpecProblems.Of(With(new BackupSpec { BackupIntervalInSecond = 2592000, Pv = new PvSpec() })));
        Assert.Empty(SpecProblems.Of(With(new BackupSpec { BackupIntervalInSecond = 1, MaxBackups = 1 })));
        Assert.Empty(SpecProblems.Of(With(new RetentionSpec { KeepLast = 1, MaxAge = "1s", KeepEarlierLineages = "0d" })));
        Assert.Empty(SpecProblems.Of(Sound with
        {
            Tls = new TlsFiles { CaFile = "secret:my.secret/ca.crt", CertFile = "/tls.crt", KeyFile = "/tls.key" },
            Auth = new EtcdLogin { Username = "u", PasswordFile = "secret:a/password" },
        }));
    }

    [Fact]
    public void Specs_compare_by_value()
    {
        Assert.Equal(Sound, Sound with { Endpoints = [new Uri("http://127.0.0.1:2379")] });
        Assert.NotEqual(Sound, Sound with { Endpoints = [new Uri("http://127.0.0.1:2380")] });
        Assert.NotEqual(Sound, Sound with { Backup = Sound.Backup with { AutoDelete = true } });
    }

    [Theory]
    [InlineData(0, 1800)]
    [InlineData(30, 30)]
    public void Interval_0_means_the_default(int seconds, int expected) =>
        Assert.Equal(TimeSpan.FromSeconds(expected), new BackupSpec { BackupIntervalInSecond = seconds }.Interval);

    private static ClusterSpec With(BackupSpec backup) => Sound with { Backup = backup };

    private static ClusterSpec With(RetentionSpec rules) => With(new BackupSpec { Retention = rules });
}
