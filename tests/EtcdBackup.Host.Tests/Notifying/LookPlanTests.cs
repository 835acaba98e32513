using EtcdBackup.Clusters;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Tests.Notifying;

public class LookPlanTests
{
    private static readonly ClusterKey A = ClusterKey.Parse("default/a");
    private static readonly ClusterKey B = ClusterKey.Parse("default/b");

    private readonly LookPlan _plan = new(TimeSpan.FromSeconds(60));

    [Fact]
    public void Each_is_asked_for_all_at_first_and_for_its_summary_now_and_then()
    {
        _plan.Set([A, B], At(0));
        Assert.Equal([(A, true), (B, true)], Take(0));
        Assert.Empty(Take(59));
        _plan.Done(A, withStatus: true);
        Assert.Equal([(A, false)], Take(60));
        Assert.Null(_plan.UnknownSince(A));
        Assert.Equal(At(0), _plan.UnknownSince(B));

        // Who does not answer is asked again, and not twice at once.
        _plan.Failed(B);
        Assert.Equal([(B, true)], Take(60));
        _plan.Failed(A);
        Assert.Equal(At(0), _plan.UnknownSince(A));
    }

    [Fact]
    public void Whose_store_does_not_answer_is_asked_for_it_again_and_is_not_known()
    {
        _plan.Set([A], At(0));
        Assert.Equal([(A, true)], Take(0));
        _plan.Done(A, withStatus: false);
        Assert.Equal(At(0), _plan.UnknownSince(A));
        Assert.Equal([(A, true)], Take(60));
        _plan.Done(A, withStatus: true);
        Assert.Null(_plan.UnknownSince(A));
        Assert.Equal([(A, false)], Take(120));
    }

    [Fact]
    public void Who_told_something_is_asked_at_once_and_for_its_store_not_too_often()
    {
        _plan.Set([A], At(0));
        _plan.Note(A, At(1));
        Assert.Equal([(A, true)], Take(1));
        _plan.Done(A, withStatus: true);
        _plan.Note(A, At(3));
        Assert.Equal([(A, false)], Take(3));
        _plan.Done(A, withStatus: true);
        Assert.Empty(Take(60));
        Assert.Equal([(A, true)], Take(61));
    }

    [Fact]
    public void What_is_told_during_a_question_is_asked_after_it()
    {
        _plan.Note(A, At(0));
        Assert.Single(Take(0));
        _plan.Note(A, At(1));
        Assert.Empty(Take(1));
        _plan.Done(A, withStatus: true);
        Assert.Equal([(A, false)], Take(2));
    }

    [Fact]
    public void No_more_are_asked_at_once_than_allowed()
    {
        _plan.Set([A, B], At(0));
        Assert.Single(_plan.Take(1, At(0)));
        Assert.Empty(_plan.Take(0, At(0)));
        Assert.Single(_plan.Take(1, At(0)));
    }

    [Fact]
    public void Gone_is_only_who_was_not_listed_for_long()
    {
        _plan.Set([A, B], At(0));
        Assert.Empty(_plan.Set([B], At(10)));
        Assert.False(_plan.IsListed(A));
        Assert.Empty(_plan.Set([B], At(10 + (14 * 60))));
        Assert.Empty(_plan.Set([A, B], At(10 + (15 * 60))));
        Assert.True(_plan.IsListed(A));
        Assert.Empty(_plan.Set([B], At(2000)));
        Assert.Equal([A], _plan.Set([B], At(2000 + (15 * 60))));
        Assert.DoesNotContain(A, _plan.Clusters);
    }

    private IReadOnlyList<(ClusterKey, bool)> Take(int seconds) => _plan.Take(10, At(seconds));

    private static DateTimeOffset At(int seconds) => Facts.Begin.AddSeconds(seconds);
}
