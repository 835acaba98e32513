namespace EtcdBackup.Grains;

/// <content>What the metrics of this silo show of the cluster.</content>
internal sealed partial class BackupClock
{
    private bool _hasLeft;

    /// <summary>The grain is being deactivated: the silo that serves the cluster from now on tells of it.</summary>
    public void LeaveBoard()
    {
        _hasLeft = true;
        _services.Board.Remove(_key);
    }

    private async Task<T> ThenTellBoardAsync<T>(Func<Task<T>> change)
    {
        try
        {
            return await change();
        }
        finally
        {
            TellBoard();
        }
    }

    private void TellBoard()
    {
        if (State.Spec is null || _hasLeft)
        {
            return;
        }

        var stored = _stored.View is { } view ? StoredFacts.Of(view) : null;
        _services.Board.Set(new ClusterFacts(Summary(), stored, _members, _stored.Problem, _stored.Refused));
    }
}
