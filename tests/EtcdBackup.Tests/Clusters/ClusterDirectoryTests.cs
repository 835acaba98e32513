using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Hosting;
using EtcdBackup.Stores;
using EtcdBackup.Testing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;
using Orleans.Storage;
using Orleans.TestingHost;

namespace EtcdBackup.Tests.Clusters;

/// <summary>How the directory carries out what <see cref="ClusterRegister"/> decides. There is no etcd: whether backups succeed is no
/// matter here.</summary>
public sealed class ClusterDirectoryTests : IAsyncLifetime
{
    private readonly ScratchDirectory _directory = new();
    private InProcessTestCluster _cluster = null!;
    private volatile string _refused = "";

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo
            .AddMemoryGrainStorage("inner")
            .ConfigureServices(s => s.AddKeyedSingleton<IGrainStorage>(GrainStorage.Name, (p, _)
                => new PickyStorage(p.GetRequiredKeyedService<IGrainStorage>("inner"), () => _refused)))
            .UseInMemoryReminderService()
            .AddEtcdBackup(new EtcdBackupOptions
            {
                Stores = new StoreOptions(_directory.Path, _directory["scratch"]),
                Removal = new RemovalTimes(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)),
            }));
        builder.ConfigureClient(client => client.Services.AddEtcdBackupMessages());
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Two_sources_share_the_list_and_what_a_source_lets_go_is_gone_at_once()
    {
        var directory = Directory();
        Assert.False(await directory.HearAsync("one", "r", "print"));
        Assert.Empty(await ReportAsync("one", "a", "b"));
        Assert.True(await directory.HearAsync("one", "r", "print"));
        Assert.False(await directory.HearAsync("one", "r", "another"));
        Assert.Equal([new OwnedCluster(Key("b"), "one")], await directory.RegisterAsync("two", "r", [Spec("b"), Spec("c")]));
        Assert.Equal(["a", "b", "c"], (await directory.ListAsync()).Select(k => k.Name));
        Assert.True((await SummaryAsync("c")).Registered);

        Assert.False(await directory.UnregisterAsync("two", Key("b"), deleteBackups: false));
        Assert.True(await directory.UnregisterAsync("two", Key("c"), deleteBackups: false));
        Assert.False((await SummaryAsync("c")).Registered);
        Assert.Equal(["a", "b"], (await directory.ListAsync()).Select(k => k.Name));
        Assert.Null(await directory.OwnerOfAsync(Key("c")));
        Assert.Contains("one (r)", (await directory.RemoveAsync(Key("a"), deleteBackups: false)).NamedBy);
    }

    [Fact]
    public async Task One_that_cannot_be_registered_holds_up_no_other_and_is_tried_again()
    {
        _refused = "default/bad";
        await Assert.ThrowsAnyAsync<Exception>(() => ReportAsync("one", [.. Enumerable.Range(0, 200).Select(i => $"c{i}"), "bad"]));
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 200).Select(i => SummaryAsync($"c{i}"))), s => Assert.True(s.Registered));
        _refused = "";
        await Workspace.UntilAsync(async () =>
        {
            // Only what was kept is known to the next activation.
            await _cluster.Client.GetGrain<IBackupGrain>(Key("bad").ToString()).AsReference<IGrainManagementExtension>().DeactivateOnIdle();
            return (await SummaryAsync("bad")).Registered;
        }, "it is registered at last");
    }

    [Fact]
    public async Task What_was_kept_is_known_after_the_directory_was_away_and_a_grain_without_state_gets_its_spec()
    {
        await ReportAsync("one", "a", "b");
        await Directory().AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        Assert.Equal(["a", "b"], (await Directory().ListAsync()).Select(k => k.Name));
        Assert.Null(await Directory().CheckInAsync(Key("a"), null, ""));
        await ReportAsync("one", "a", "b");
        Assert.Equal(Spec("a"), await Directory().CheckInAsync(Key("a"), null, ""));
        Assert.Equal(Spec("z"), await Directory().CheckInAsync(Key("z"), Spec("z"), "one"));
        Assert.Equal("one", await Directory().OwnerOfAsync(Key("z")));
    }

    [Fact]
    public async Task A_removal_that_failed_does_not_count_as_done()
    {
        await ReportAsync("one", "a", "b");
        _refused = "default/b";
        await ReportAsync("one", "a");
        await Workspace.UntilAsync(async () => (await ListedAsync("b")).UnregisteredAt < DateTimeOffset.UtcNow.AddSeconds(-4),
            "it was tried");
        Assert.True((await ListedAsync("b")).IsRegistered);
        _refused = "";
        await Workspace.UntilAsync(async () => await Directory().HearAsync("one", "r", "print") && !(await SummaryAsync("b")).Registered,
            "it is unregistered at last");
    }

    private async Task<ListedCluster> ListedAsync(string name) => (await Directory().ListAllAsync()).Single(c => c.Key == Key(name));

    private IClusterDirectoryGrain Directory() => _cluster.Client.GetGrain<IClusterDirectoryGrain>(IClusterDirectoryGrain.Key);

    private Task<IReadOnlyList<OwnedCluster>> ReportAsync(string source, params string[] names) =>
        Directory().ReportAsync(new ClusterReport(source, "r", DateTimeOffset.UtcNow, "print", [.. names.Select(Spec)]));

    private Task<ClusterSummary> SummaryAsync(string name) => _cluster.Client.GetGrain<IBackupGrain>(Key(name).ToString())
        .GetSummaryAsync();

    private static ClusterKey Key(string name) => new("default", name);

    private static ClusterSpec Spec(string name) => new()
    {
        Key = Key(name),
        Endpoints = [new Uri("http://127.0.0.1:1")],
        Backup = new BackupSpec { BackupIntervalInSecond = 3600 },
    };

    /// <summary>A storage that does not write one grain's state.</summary>
    private sealed class PickyStorage(IGrainStorage inner, Func<string> refused) : IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(stateName,
            grainId, grainState);

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            grainId.Key.ToString() == refused() ? throw new IOException("no") : inner.WriteStateAsync(stateName, grainId, grainState);

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(stateName,
            grainId, grainState);
    }
}
