using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Hosting;
using EtcdBackup.Stores;
using EtcdBackup.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;

namespace EtcdBackup.Tests.Grains;

public sealed partial class BackupGrainTests : IAsyncLifetime
{
    private readonly ScratchDirectory _directory = new();
    private TaskCompletionSource _writes = Open();
    private InProcessTestCluster _cluster = null!;
    private EtcdServers _etcd = null!;

    public async ValueTask InitializeAsync()
    {
        _etcd = await EtcdServers.StartAsync();
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo
            .AddMemoryGrainStorage("inner")
            .ConfigureServices(s =>
                s.AddKeyedSingleton<IGrainStorage>(
                GrainStorage.Name, (p, _) => new GatedStorage(p.GetRequiredKeyedService<IGrainStorage>("inner"), () => _writes.Task)))
            .UseInMemoryReminderService()
            .AddEtcdBackup(new EtcdBackupOptions { MaxConcurrent = 1, Stores = new StoreOptions(_directory.Path, _directory["scratch"]) }));
        builder.ConfigureClient(client => client.Services.AddEtcdBackupMessages());
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _etcd.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_new_cluster_is_backed_up_without_being_asked()
    {
        var grain = await ConfigureAsync("fresh");
        await Workspace.UntilAsync(async () => (await grain.GetStatusAsync()).Outcomes.Count > 0, "the first run");
        var status = await grain.GetStatusAsync();
        Assert.Equal(1, status.Stored.Count);
        Assert.Equal(RunResult.Succeeded, status.Outcomes[^1].Result);
    }

    [Fact]
    public async Task Callers_at_the_same_time_share_one_snapshot()
    {
        // Slow enough that all callers come while it runs, and with no run of its own before.
        using var proxy = new FaultProxy(_etcd.Endpoints[0]) { OnServerBytes = (_, _, stop) => Task.Delay(200, stop) };
        var grain = Grain("shared");
        await grain.ConfigureAsync(Spec("shared") with { Endpoints = [new Uri(proxy.Url)] }, "test", within: TimeSpan.FromHours(10));
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => grain.BackupNowAsync()));

        // Those who came after it had asked the members wait for another look.
        Assert.InRange(replies.Select(r => r.Outcome.StartedAt).Distinct().Count(), 1, 2);
        Assert.Single(replies.Select(r => r.Backup!.Name).Distinct());
    }

    [Fact]
    public async Task First_backups_that_wait_for_one_slot_are_all_taken()
    {
        var grains = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ConfigureAsync($"crowd{i}")));
        var replies = await Task.WhenAll(grains.Select(g => g.BackupNowAsync()));
        Assert.All(replies, r => Assert.NotNull(r.Backup));
    }

    [Fact]
    public async Task A_backup_lists_the_store_once_and_one_that_is_not_needed_never()
    {
        var grain = await ConfigureAsync("listed");
        await grain.BackupNowAsync();
        var before = (await grain.GetStatusAsync()).Stored.ListedAt;
        Assert.Equal(RunResult.Unchanged, (await grain.BackupNowAsync()).Outcome.Result);
        Assert.Equal(before, (await grain.GetStatusAsync()).Stored.ListedAt);
        await _etcd.CtlAsync("put", "listed", "1");
        Assert.Equal(RunResult.Succeeded, (await grain.BackupNowAsync()).Outcome.Result);
        Assert.True((await grain.GetStatusAsync()).Stored.ListedAt > before);
    }

    [Fact]
    public async Task Unchanged_is_found_after_the_grain_was_away()
    {
        var grain = await ConfigureAsync("away");
        await grain.BackupNowAsync();
        await _cluster.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        Assert.Equal(RunResult.Unchanged, (await grain.BackupNowAsync()).Outcome.Result);
        await _etcd.CtlAsync("put", "more", "1");
        Assert.Equal(RunResult.Succeeded, (await grain.BackupNowAsync()).Outcome.Result);
    }

    [Fact]
    public async Task A_backup_that_vanished_from_the_store_is_taken_again()
    {
        var grain = await ConfigureAsync("vanished");
        await grain.BackupNowAsync();
        foreach (var file in Directory.GetFiles(_directory["v1/default/vanished"]))
        {
            File.Delete(file);
        }

        var reply = await grain.BackupNowAsync();
        Assert.Equal(RunResult.Succeeded, reply.Outcome.Result);
        Assert.NotNull(reply.Backup);
    }

    [Fact]
    public async Task A_removed_cluster_answers_that_it_is_not_registered_and_keeps_its_backups()
    {
        var grain = await ConfigureAsync("removed");
        await grain.BackupNowAsync();
        await grain.RemoveAsync(deleteBackups: false);
        Assert.Equal(RunResult.NotRegistered, (await grain.BackupNowAsync()).Outcome.Result);
        Assert.NotEmpty(Directory.GetFiles(_directory["v1/default/removed"]));
    }

    [Fact]
    public async Task Removed_with_its_backups_they_go_and_foreign_files_stay()
    {
        var grain = await ConfigureAsync("autodelete", autoDelete: true);
        await grain.BackupNowAsync();
        await File.WriteAllTextAsync(_directory["v1/default/autodelete/notes.txt"], "mine");
        await grain.RemoveAsync(deleteBackups: true);
        Assert.Equal(["notes.txt"], Directory.GetFiles(_directory["v1/default/autodelete"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task State_that_was_lost_is_rebuilt_from_the_store()
    {
        var grain = await ConfigureAsync("lost");
        var first = await grain.BackupNowAsync();
        await grain.RemoveAsync(deleteBackups: false);
        grain = await ConfigureAsync("lost");
        var again = await grain.BackupNowAsync();
        Assert.Equal(RunResult.Unchanged, again.Outcome.Result);
        Assert.Equal(first.Backup!.Name, again.Backup!.Name);
    }

    [Fact]
    public async Task A_failing_cluster_says_why_and_is_tried_again()
    {
        var dead = Workspace.FreePorts(1)[0];
        var grain = Grain("failing");
        await grain.ConfigureAsync(Spec("failing") with { Endpoints = [new Uri($"http://127.0.0.1:{dead}")] }, "test", TimeSpan.Zero);
        await Workspace.UntilAsync(async () => (await grain.GetSummaryAsync()).FailuresInRow >= 2, "a second try");
        var outcome = (await grain.GetSummaryAsync()).LastOutcome!;
        Assert.Equal(RunResult.EtcdFailed, outcome.Result);
        Assert.Contains($"127.0.0.1:{dead} cannot be reached", outcome.Message, StringComparison.Ordinal);

        // A repaired spec takes effect at once.
        await grain.ConfigureAsync(Spec("failing"), "test", TimeSpan.Zero);
        Assert.Equal(RunResult.Succeeded, (await grain.BackupNowAsync()).Outcome.Result);
        Assert.Equal(0, (await grain.GetSummaryAsync()).FailuresInRow);
    }

    [Fact]
    public async Task A_state_store_that_hangs_holds_up_no_backup()
    {
        var grain = Grain("hanging");
        await grain.ConfigureAsync(Spec("hanging") with { Backup = new BackupSpec { BackupIntervalInSecond = 1 } }, "test", TimeSpan.Zero);
        Assert.NotNull((await grain.BackupNowAsync()).Backup);
        _writes = new TaskCompletionSource();
        await _etcd.CtlAsync("put", "while-hanging", "1");
        var revision = await _etcd.RevisionAsync();
        await Workspace.UntilAsync(async () => (await grain.GetStatusAsync()).Stored.Latest?.Revision == revision, "a backup");
        await _etcd.CtlAsync("put", "while-hanging", "2");
        await Workspace.UntilAsync(async () => (await grain.GetStatusAsync()).Stored.Latest?.Revision == revision + 1, "and another");
        _writes.SetResult();
        await Workspace.UntilAsync(async () => (await grain.GetSummaryAsync()).FailuresInRow == 0, "all is well");
    }

    [Fact]
    public async Task No_backup_is_taken_while_those_of_a_removed_cluster_are_deleted()
    {
        // A run is in flight, and the next one is due as soon as it is broken off.
        var go = new TaskCompletionSource();
        using var proxy = new FaultProxy(_etcd.Endpoints[0]);
        var grain = Grain("going");
        await grain.ConfigureAsync(
            Spec("going", autoDelete: true) with
            {
                Endpoints = [new Uri(proxy.Url)],
                Backup = new BackupSpec { BackupIntervalInSecond = 1, AutoDelete = true }
            }, "test", TimeSpan.Zero);
        await grain.BackupNowAsync();
        await _etcd.CtlAsync("put", "going", "1");
        proxy.OnServerBytes = (_, total, _) => total > 4096 ? go.Task : Task.CompletedTask;
        await Workspace.UntilAsync(async () => (await grain.GetSummaryAsync()).Running is { Stage: "streaming" }, "it runs");
        await Task.Delay(TimeSpan.FromSeconds(1.2));
        _writes = new TaskCompletionSource();
        var removing = grain.RemoveAsync(deleteBackups: true);
        go.SetResult();
        await Workspace.UntilAsync(
            () => Task.FromResult(Directory.GetFiles(_directory["v1/default/going"]).Length == 0), "all are deleted");

        // The state store holds the removal up: time enough for a timer that should not be there.
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        Assert.Null((await grain.GetSummaryAsync()).Running);
        _writes.SetResult();
        await removing;
        Assert.Empty(Directory.GetFiles(_directory["v1/default/going"]));
    }

    private static TaskCompletionSource Open()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private IBackupGrain Grain(string name) => _cluster.Client.GetGrain<IBackupGrain>($"default/{name}");

    private async Task<IBackupGrain> ConfigureAsync(string name, bool autoDelete = false)
    {
        await Grain(name).ConfigureAsync(Spec(name, autoDelete), "test", TimeSpan.Zero);
        return Grain(name);
    }

    private ClusterSpec Spec(string name, bool autoDelete = false) => new()
    {
        Key = new ClusterKey("default", name),
        Endpoints = [.. _etcd.Endpoints.Select(e => new Uri(e))],
        Backup = new BackupSpec { BackupIntervalInSecond = 3600, AutoDelete = autoDelete },
    };
}

/// <summary>A storage whose writes wait until they are let through.</summary>
internal sealed class GatedStorage(IGrainStorage inner, Func<Task> gate) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        inner.ReadStateAsync(stateName, grainId, grainState);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await gate();
        await inner.WriteStateAsync(stateName, grainId, grainState);
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        inner.ClearStateAsync(stateName, grainId, grainState);
}
