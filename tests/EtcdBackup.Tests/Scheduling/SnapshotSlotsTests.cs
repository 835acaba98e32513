using EtcdBackup.Scheduling;

namespace EtcdBackup.Tests.Scheduling;

public class SnapshotSlotsTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [Fact]
    public async Task Whoever_is_latest_goes_first()
    {
        var slots = new SnapshotSlots(1);
        var held = await slots.EnterAsync(Now, CancellationToken.None);
        var little = slots.EnterAsync(Now.AddSeconds(-1), CancellationToken.None);
        var much = slots.EnterAsync(Now.AddSeconds(-100), CancellationToken.None);
        held.Dispose();
        (await much).Dispose();
        (await little).Dispose();
        Assert.True(slots.EnterAsync(Now, CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task One_who_gives_up_takes_no_slot_with_him()
    {
        var slots = new SnapshotSlots(1);
        var held = await slots.EnterAsync(Now, CancellationToken.None);
        using var giveUp = new CancellationTokenSource();
        var impatient = slots.EnterAsync(Now.AddSeconds(-100), giveUp.Token);
        var patient = slots.EnterAsync(Now, CancellationToken.None);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        held.Dispose();
        held.Dispose();
        (await patient).Dispose();
        var first = slots.EnterAsync(Now, CancellationToken.None);
        Assert.True(first.IsCompletedSuccessfully);
        Assert.False(slots.EnterAsync(Now, CancellationToken.None).IsCompleted);
    }
}
