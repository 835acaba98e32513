using EtcdBackup.Scheduling;
using Orleans.Storage;

namespace EtcdBackup.Grains;

/// <content>How the state is saved.</content>
internal sealed partial class BackupGrain
{
    private static readonly TimeSpan SavePatience = TimeSpan.FromSeconds(2);

    private Task _saving = Task.CompletedTask;

    // The backup is safe in any case. While the state store is down, what is remembered here is what counts, and the next run saves it.
    private async Task SaveOutcomeAsync()
    {
        try
        {
            await SaveAsync();
        }
        catch (InconsistentStateException e)
        {
            // Another activation of this cluster, in a silo that does not see ours, wrote: what it knows is as true, and newer.
            LogOtherActivation(Key, e);
            await state.ReadStateAsync();
            if (state.State.Spec is { } spec)
            {
                Plan(Schedule.OnWake(state.State.NextDue, time.GetUtcNow(), spec.Backup.Interval));
            }
        }
        catch (Exception e)
        {
            LogNotSaved(Key, e);
        }
    }

    // A reentrant grain could write twice at once, and the second would carry the first one's etag.
    private Task SaveAsync() => _saving = SaveAfterAsync(_saving);

    private async Task SaveAfterAsync(Task previous)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await state.WriteStateAsync();
    }
}
