namespace EtcdBackup.Upkeep;

/// <summary>Runs steps one after the other, in the order in which they were added; one that fails does not stop the others.</summary>
internal sealed class SerialQueue
{
    private Task _last = Task.CompletedTask;

    /// <summary>Runs a step when all before it have ended.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> step)
    {
        var mine = AfterAsync(_last, step);
        _last = mine;
        return mine;
    }

    private static async Task<T> AfterAsync<T>(Task before, Func<Task<T>> step)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return await step();
    }
}
