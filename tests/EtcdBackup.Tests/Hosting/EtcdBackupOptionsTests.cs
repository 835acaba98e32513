using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Hosting;
using EtcdBackup.Stores;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Tests.Hosting;

public class EtcdBackupOptionsTests
{
    private static readonly EtcdBackupOptions Sound = new() { Stores = new StoreOptions("backups", "scratch") };

    public static TheoryData<string, EtcdBackupOptions> Unsound => new()
    {
        { "MaxConcurrent", Sound with { MaxConcurrent = 0 } },
        { "MaxChecks", Sound with { MaxChecks = 0 } },
        { "Grace", Sound with { Grace = -TimeSpan.FromTicks(1) } },
        { "Scrub.Interval", Sound with { Scrub = new ScrubOptions(-TimeSpan.FromTicks(1), 1) } },
        { "Scrub.BytesPerSecond", Sound with { Scrub = new ScrubOptions(TimeSpan.Zero, 0) } },
        { "SweepAge", Sound with { SweepAge = TimeSpan.Zero } },
        { "Stores.Silence", Sound with { Stores = Sound.Stores with { Silence = TimeSpan.Zero } } },
        { "Timeouts.Probe", Sound with { Timeouts = new EtcdTimeouts { Probe = TimeSpan.Zero } } },
        { "Timeouts.Confirm", Sound with { Timeouts = new EtcdTimeouts { Confirm = TimeSpan.Zero } } },
        { "Timeouts.Silence", Sound with { Timeouts = new EtcdTimeouts { Silence = TimeSpan.Zero } } },
        { "Removal.Grace", Sound with { Removal = RemovalTimes.Default with { Grace = TimeSpan.Zero } } },
        { "Removal.BackupsGrace", Sound with { Removal = RemovalTimes.Default with { BackupsGrace = TimeSpan.Zero } } },
    };

    [Theory]
    [MemberData(nameof(Unsound), DisableDiscoveryEnumeration = true)]
    public void What_no_silo_can_run_with_is_named(string option, EtcdBackupOptions options) =>
        Assert.Equal(option, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName);

    [Fact]
    public void The_defaults_and_the_least_that_is_allowed_are_sound()
    {
        Sound.Validate();
        (Sound with { Grace = TimeSpan.Zero, Scrub = new ScrubOptions(TimeSpan.Zero, 1), MaxConcurrent = 1, MaxChecks = 1 }).Validate();
    }
}
