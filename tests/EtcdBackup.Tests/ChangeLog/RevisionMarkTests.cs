using EtcdBackup.ChangeLog;
using EtcdBackup.Snapshots;

namespace EtcdBackup.Tests.ChangeLog;

public class RevisionMarkTests
{
    private static readonly LastPut Other = LastPut.Of("other"u8, 10, 10, 1, "b"u8, 0)!;
    private static readonly LastPut Put = LastPut.Of("key"u8, 10, 9, 2, "a"u8, 0)!;

    [Fact]
    public void Of_a_backup_the_last_put_must_be_among_those_of_its_revision()
    {
        var mark = new RevisionMark(10, null, Put);
        Assert.True(mark.Fits([], [Other, Put]));
        Assert.False(mark.Fits([], [Other]));
        Assert.False(mark.Fits([], []));
    }

    // Found by the simulation: after a restore the cluster had a put where the backup had none.
    [Fact]
    public void A_revision_after_the_last_put_has_none()
    {
        var mark = new RevisionMark(12, null, Put);
        Assert.True(mark.Fits([], []));
        Assert.False(mark.Fits([], [Other]));
        Assert.False(mark.Fits([], [null]));
    }

    [Fact]
    public void Where_no_put_is_known_anything_fits() => Assert.True(new RevisionMark(12, null, null).Fits([], [Other]));

    [Fact]
    public void What_was_recorded_must_come_again()
    {
        var mark = new RevisionMark(12, [1, 2], null);
        Assert.True(mark.Fits([1, 2], []));
        Assert.False(mark.Fits([1, 3], []));
    }
}
