using EtcdBackup.Grains;
using EtcdBackup.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;

namespace EtcdBackup.Tests.Grains;

/// <content>What metrics are told of a cluster.</content>
public sealed partial class BackupGrainTests
{
    // The next run may be hours away, and what is stored, or damaged, is not to be forgotten until then.
    [Fact]
    public async Task After_the_grain_was_away_its_heartbeat_or_a_status_tells_what_is_stored_without_a_run()
    {
        var board = _cluster.Silos[0].ServiceProvider.GetRequiredService<ClusterBoard>();
        ClusterFacts? Told(string name) => board.All.SingleOrDefault(f => f.Summary.Key.Name == name);
        foreach (var name in new[] { "beating", "asked" })
        {
            var grain = await ConfigureAsync(name);
            await grain.BackupNowAsync();
            Assert.Equal(1, Told(name)?.Stored?.Count);
            await grain.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
            await Workspace.UntilAsync(() => Task.FromResult(Told(name) is null), "it is away");
            await grain.WakeAsync();
            Assert.NotNull(Told(name)!.Summary.LastSuccess);
            Assert.Null(Told(name)!.Stored);
        }

        await Grain("beating").AsReference<IRemindable>().ReceiveReminder("heartbeat", default);
        await Workspace.UntilAsync(() => Task.FromResult(Told("beating")?.Stored?.Count == 1), "a heartbeat tells it");
        await Grain("asked").GetStatusAsync();
        Assert.Equal(1, Told("asked")?.Stored?.Count);
    }
}
