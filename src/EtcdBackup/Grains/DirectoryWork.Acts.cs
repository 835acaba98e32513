using EtcdBackup.Clusters;

namespace EtcdBackup.Grains;

/// <content>The acts on one cluster.</content>
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
            // A cancelled act is not done either: it is tried again.
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

    /// <returns>False if the act was no longer wanted.</returns>
    private async Task<bool> TryActAsync(RegisterAct act)
    {
        var grain = grainOf(act.Key);
        switch (act)
        {
            case RegisterAct.Configure configure:
                await grain.ConfigureAsync(configure.Spec, configure.Source, configure.Within);
                return true;
            case RegisterAct.Unregister:
                register.BeginUnregister(act.Key, (await grain.GetSummaryAsync()).Spec);
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
                    // The directory's state is older than the grain's.
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
                throw new ArgumentOutOfRangeException(nameof(act), act, "unknown act");
        }
    }

    // A reporter may have named the cluster meanwhile.
    private bool IsStillWanted(RegisterAct act) => register.NextAct(act.Key, Now)?.GetType() == act.GetType();

    /// <summary>
    /// Removes a cluster. A removal that fails leaves the cluster listed, so that the caller can ask again.
    /// </summary>
    /// <param name="key">The cluster.</param>
    /// <param name="deleteBackups">Whether its backups are deleted too.</param>
    /// <param name="isWanted">Decides, when its turn has come, whether the cluster may still be removed.</param>
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
                        $"{key} is no longer backed up, and where its backups are is not known any more: name it again in a " +
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
