using EtcdBackup.Scheduling;

namespace EtcdBackup.Tests.Scheduling;

public class StoreSlotsTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [Fact]
    public async Task The_most_overdue_goes_first()
    {
        var slots = new Slots(1);
        var held = await slots.EnterAsync(Now, CancellationToken.None);
        var little = slots.EnterAsync(Now.AddSeconds(-1), CancellationToken.None);
        var much = slots.EnterAsync(Now.AddSeconds(-100), CancellationToken.None);
        held.Dispose();
        (await much).Dispose();
        (await little).Dispose();
        Assert.True(slots.EnterAsync(Now, CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Who_gives_up_takes_no_slot()
    {
        var slots = new Slots(1);
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

    [Fact]
    public async Task A_store_that_holds_all_slots_starves_no_other()
    {
        var slots = new StoreSlots(2);
        var dead = new[] { await Enter("dead"), await Enter("dead") };
        var waiting = slots.EnterAsync("dead", Now, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        var well = await Enter("well");
        Assert.Null(slots.TryEnter("well"));
        well.Dispose();
        Assert.NotNull(slots.TryEnter("well"));
        Assert.False(waiting.IsCompleted);
        dead[0].Dispose();
        Assert.False(waiting.IsCompleted); // the well one took the place
        dead[1].Dispose();
        await waiting;

        Task<IDisposable> Enter(string store) => slots.EnterAsync(store, Now, CancellationToken.None);
    }

    [Fact]
    public async Task A_store_that_failed_gets_one_slot_at_a_time_until_it_works_again()
    {
        var slots = new StoreSlots(4);
        slots.Told("s", failed: true);
        var one = slots.TryEnter("s");
        Assert.NotNull(one);
        Assert.Null(slots.TryEnter("s"));
        var next = slots.EnterAsync("s", Now, CancellationToken.None);
        slots.Told("s", failed: false);
        await next;
        Assert.NotNull(slots.TryEnter("s"));
    }

    [Fact]
    public async Task One_whose_store_must_wait_keeps_nobody_behind_it()
    {
        var slots = new StoreSlots(2);
        slots.Told("dead", failed: true);
        var dead = slots.TryEnter("dead")!;
        var more = slots.TryEnter("well")!;
        var overdue = slots.EnterAsync("dead", Now.AddHours(-1), CancellationToken.None);
        var late = slots.EnterAsync("well", Now, CancellationToken.None);
        more.Dispose();
        await late;
        Assert.False(overdue.IsCompleted);
        dead.Dispose();
        await overdue;
    }

    [Fact]
    public void A_store_that_gives_one_slot_back_still_has_the_other()
    {
        var slots = new StoreSlots(2);
        var first = slots.TryEnter("a")!;
        var second = slots.TryEnter("a")!;
        Assert.NotNull(slots.TryEnter("b"));
        first.Dispose();
        Assert.Null(slots.TryEnter("a")); // b has its place
        second.Dispose();
        Assert.NotNull(slots.TryEnter("a"));
        Assert.Null(slots.TryEnter("a"));
    }

    [Fact]
    public void There_are_no_more_spare_slots_than_said_even_for_a_store_that_failed()
    {
        var slots = new StoreSlots(1, spare: 1);
        slots.Told("failed", failed: true);
        Assert.NotNull(slots.TryEnter("a"));
        var b = slots.TryEnter("b")!;
        Assert.Null(slots.TryEnter("c"));
        Assert.Null(slots.TryEnter("failed"));
        b.Dispose();
        Assert.NotNull(slots.TryEnter("failed"));
    }

    [Fact]
    public void What_is_free_does_not_count_the_spare_ones()
    {
        var slots = new StoreSlots(2);
        Assert.Equal(2, slots.Free);
        var a = slots.TryEnter("a")!;
        Assert.Equal(1, slots.Free);
        slots.TryEnter("b");
        slots.TryEnter("c");
        Assert.Equal(0, slots.Free);
        a.Dispose();
        Assert.Equal(0, slots.Free);
    }

    [Fact]
    public async Task Of_those_that_are_equally_overdue_the_first_goes_first()
    {
        var slots = new Slots(1);
        var held = await slots.EnterAsync(Now, CancellationToken.None);
        var waiting = Enumerable.Range(0, 5).Select(_ => slots.EnterAsync(Now, CancellationToken.None)).ToArray();
        foreach (var next in waiting)
        {
            held.Dispose();
            held = await next;
        }
    }

    [Fact]
    public async Task One_that_must_wait_for_its_store_keeps_its_place()
    {
        var slots = new StoreSlots(1, spare: 0);
        var held = slots.TryEnter("other")!;
        slots.Told("failed", failed: true);
        var first = slots.TryEnter("failed");
        Assert.Null(first);
        var overdue = slots.EnterAsync("failed", Now.AddHours(-1), CancellationToken.None);
        var late = slots.EnterAsync("failed", Now, CancellationToken.None);
        held.Dispose();
        held = await overdue;
        Assert.Null(slots.TryEnter("other"));
        held.Dispose();
        (await late).Dispose();
        Assert.Equal(1, slots.Free);
    }

    [Fact]
    public void Half_as_many_failed_clusters_are_asked_at_once_and_one_at_least()
    {
        Assert.Equal(2, FreeAt(RunSlots.Of(checks: 4, snapshots: 1).Rechecks));
        Assert.Equal(1, FreeAt(RunSlots.Of(checks: 1, snapshots: 1).Rechecks));

        static int FreeAt(Slots slots) =>
            Enumerable.Range(0, 9).Count(_ => slots.EnterAsync(Now, CancellationToken.None).IsCompletedSuccessfully);
    }
}
