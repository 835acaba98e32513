using EtcdBackup.Host.Notifying.Sending;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Tests.Notifying;

public sealed class TargetQueueTests : IDisposable
{
    private readonly TargetQueue _queue = new(3);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public void If_there_is_no_room_the_oldest_of_the_same_cluster_goes()
    {
        Add("a/1", "b/2", "b/3");
        Assert.Equal("b/2", _queue.Add(Told.Of("b/4"))?.Id);
        Assert.Equal("a/1 b/3 b/4, 1 lost", Ids());
    }

    [Fact]
    public void If_the_cluster_has_none_there_the_oldest_problem_goes_rather_than_an_end()
    {
        _queue.Add(Told.Of("a/1") with { Event = EventKind.Recovered });
        Add("b/2", "c/3");
        Assert.Equal("b/2", _queue.Add(Told.Of("d/4"))?.Id);
        Assert.Equal("a/1 c/3 d/4, 1 lost", Ids());
    }

    [Fact]
    public void Who_is_tried_later_moves_with_all_of_its_cluster_in_order()
    {
        Add("a/1", "b/2", "a/3");
        _queue.Later(_queue.Peek()!.Value.Notification);
        Assert.Equal("b/2 a/1 a/3, 0 lost", Ids());
    }

    [Fact]
    public void What_was_lost_is_told_once()
    {
        Add("a/1", "a/2", "a/3", "a/4");
        var (first, dropped) = _queue.Peek()!.Value;
        Assert.Equal(("a/2", 1), (first.Id, dropped));
        _queue.Drop(_queue.Snapshot().Waiting[1]);
        _queue.Done(first, dropped);
        Assert.Equal("a/4, 1 lost", Ids());
    }

    [Fact]
    public void After_a_restart_all_of_it_waits_again()
    {
        Add("a/1", "b/2");
        using var after = new TargetQueue(3);
        after.Restore(_queue.Snapshot().Waiting, 7);
        Assert.Equal(7, after.Peek()!.Value.Dropped);
        Assert.Equal(["a/1", "b/2"], after.Snapshot().Waiting.Select(n => n.Id));
    }

    private void Add(params string[] ids) => Array.ForEach(ids, i => _queue.Add(Told.Of(i)));

    private string Ids()
    {
        var (waiting, dropped) = _queue.Snapshot();
        return $"{string.Join(' ', waiting.Select(n => n.Id))}, {dropped} lost";
    }
}
