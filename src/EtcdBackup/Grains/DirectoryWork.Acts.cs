using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <content>What is done with one cluster.</content>
internal sealed partial class DirectoryWork
{
    private async Task DoAsync(RegisterAct act)
    {
        try
        {
            if (!await TryActAsync(act))
            {
                return;
            }
        }
        catch (Exception e)
        {
            // Cancelled is not done either: it comes again.
            var failures = register.Failed(act.Key, Now);
            if (failures == 1 || failures % 10 == 0)
            {
                LogNotDone(act.Key, act.GetType().Name, e);
            }

            throw;
        }

        register.Done(act, Now);
        await SaveAsync();
    }

    /// <returns>False when it was no longer wanted.</returns>
    private async Task<bool> TryActAsync(RegisterAct act)
    {
        var grain = grainOf(act.Key);
        switch (act)
        {
            case RegisterAct.Configure configure:
                await grain.ConfigureAsync(configure.Spec, configure.Source, configure.Within);
                return true;
            case RegisterAct.Unregister:
                register.Keep(act.Key, (await grain.GetSummaryAsync()).Spec);
                await SaveAsync();
                if (!IsStillWanted(act))
                {
                    return false;
                }

                LogUnregistered(act.Key, register.Times.Grace);
                await grain.RemoveAsync(deleteBackups: false);
                return true;
            case RegisterAct.DeleteBackups delete:
                if (await grain.GetSummaryAsync() is { Registered: true, Spec: { } spec })
                {
                    // The state here is older than what the grain knows.
                    register.CheckIn(act.Key, spec, "", Now);
                }

                if (!IsStillWanted(act))
                {
                    return false;
                }

                LogDeleting(act.Key, register.Times.BackupsGrace);
                await grain.DeleteBackupsAsync(delete.Spec);
                return true;
            default:
                throw new ArgumentOutOfRangeException(nameof(act), act, "no act that is known");
        }
    }

    // It may have been named while this waited.
    private bool IsStillWanted(RegisterAct act) => register.NextAct(act.Key, Now)?.GetType() == act.GetType();

    /// <summary>
    /// Removes a cluster. Only what is done is forgotten: a removal that fails leaves the cluster listed, and the person asks again.
    /// </summary>
    /// <param name="key">Which.</param>
    /// <param name="deleteBackups">Whether its backups go too.</param>
    /// <param name="isWanted">Looks, when its turn has come, whether it may still be removed.</param>
    public async Task<RemovalAnswer> RemoveNowAsync(ClusterKey key, bool deleteBackups, Func<ClusterEntry, RemovalAnswer> isWanted)
    {
        var answer = RemovalAnswer.Unknown;
        await WorkAsync(key, async () =>
        {
            if (register.Find(key) is not { } entry || (answer = isWanted(entry)) is not { NamedBy: [], Obstacle: null })
            {
                return;
            }

            var grain = grainOf(key);
            if (entry.Stage == ClusterStage.Registered)
            {
                await grain.RemoveAsync(deleteBackups);
            }
            else if (entry.Stage == ClusterStage.Departed && deleteBackups)
            {
                if (entry.Spec is not { } spec)
                {
                    answer = RemovalAnswer.Refused(
                        $"{key} is backed up no more, and where its backups are is not known any more: name it again in a " +
                        "configuration, and then delete it with its backups");
                    return;
                }

                await grain.DeleteBackupsAsync(spec);
            }

            register.Forget(key, Now);
            await SaveAsync();
        });
        return answer;
    }
}
