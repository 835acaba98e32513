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
        { Sound with { Tls = new TlsFiles { CertFile = "c" } }, "tls.certFile and tls.keyFile" },
        { Sound with { Auth = new EtcdLogin { Username = "u" } }, "auth.username and auth.passwordFile" },
        { Sound with { Backup = new BackupSpec { BackupIntervalInSecond = -1 } }, "backupIntervalInSecond is -1" },
        { Sound with { Backup = new BackupSpec { BackupIntervalInSecond = int.MaxValue } }, "backupIntervalInSecond is 2147483647" },
        { Sound with { Backup = new BackupSpec { MaxBackups = -1 } }, "maxBackups is -1" },
    };

    [Theory]
    [MemberData(nameof(Unsound))]
    public void Each_problem_is_named_with_its_value(ClusterSpec spec, string expected) =>
        Assert.Contains(expected, Assert.Single(SpecProblems.Of(spec)), StringComparison.Ordinal);

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
}
