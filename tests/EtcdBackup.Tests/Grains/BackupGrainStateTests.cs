using EtcdBackup.Grains;

namespace EtcdBackup.Tests.Grains;

public class BackupGrainStateTests
{
    [Fact]
    public void A_newer_builds_state_is_refused_with_what_to_do()
    {
        new BackupGrainState().RefuseNewer("default/example");
        var e = Assert.Throws<NotSupportedException>(() => new BackupGrainState { Format = BackupGrainState.CurrentFormat + 1 }.RefuseNewer("default/example"));
        Assert.Contains("newer build", e.Message, StringComparison.Ordinal);
    }
}
