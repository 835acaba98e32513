using System.Net;

namespace EtcdBackup.Clustering.Kubernetes.Tests;

/// <summary>
/// The rules that Orleans' own tests demand of a membership table, on a real API server, with no more rights than we ask for.
/// </summary>
public class MembershipTableTests(ApiServer api) : IAsyncLifetime
{
    private static int _silos;

    private readonly string _cluster = "c" + Guid.NewGuid().ToString("N");
    private KubernetesMembershipTable _table = null!;

    public async ValueTask InitializeAsync()
    {
        _table = new KubernetesMembershipTable(ApiServer.Store(api.LeastConfig, _cluster));
        await _table.InitializeMembershipTable(true);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_empty_table_has_version_0_and_an_etag()
    {
        var data = await _table.ReadAll();
        Assert.Empty(data.Members);
        Assert.Equal(0, data.Version.Version);
        Assert.NotNull(data.Version.VersionEtag);
        await _table.InitializeMembershipTable(true);
        Assert.Equal(0, (await _table.ReadAll()).Version.Version);
    }

    [Fact]
    public async Task A_row_is_inserted_with_the_next_version_only_and_once()
    {
        var first = (await _table.ReadAll()).Version.Next();
        var entry = Entry();
        Assert.True(await _table.InsertRow(entry, first));
        Assert.False(await _table.InsertRow(entry, first));
        Assert.False(await _table.InsertRow(Entry(), first));
        var data = await _table.ReadAll();
        Assert.Equal(1, data.Version.Version);
        Assert.False(await _table.InsertRow(entry, data.Version.Next()));

        var row = await _table.ReadRow(entry.SiloAddress);
        Assert.Equal(1, row.Version.Version);
        Assert.NotEqual(first.VersionEtag, row.Version.VersionEtag);
        Assert.NotNull(Assert.Single(row.Members).Item2);
        Assert.Empty((await _table.ReadRow(Address())).Members);
    }

    [Fact]
    public async Task A_row_is_updated_with_its_own_etag_and_the_next_version_only()
    {
        for (var i = 1; i < 8; i++)
        {
            var entry = Entry();
            entry.SuspectTimes = [Tuple.Create(Address(), Second(1)), Tuple.Create(Address(), Second(2))];
            var inserting = (await _table.ReadAll()).Version.Next();
            Assert.True(await _table.InsertRow(entry, inserting));
            var data = await _table.ReadAll();
            var etag = data.TryGet(entry.SiloAddress)!.Item2;
            Assert.False(await _table.UpdateRow(entry, etag, inserting));
            Assert.Equal(data.Version, (await _table.ReadAll()).Version);

            var updating = data.Version.Next();
            entry.Status = SiloStatus.ShuttingDown;
            Assert.True(await _table.UpdateRow(entry, etag, updating));
            Assert.False(await _table.UpdateRow(entry, etag, updating));
            data = await _table.ReadAll();
            Assert.False(await _table.UpdateRow(entry, etag, data.Version.Next()));
            var (stored, newEtag) = data.TryGet(entry.SiloAddress)!;
            Assert.Equal(entry.ToFullString(), stored.ToFullString());
            Assert.NotEqual(etag, newEtag);
            Assert.False(await _table.UpdateRow(entry, newEtag, updating));
            Assert.Equal(updating.Version, (await _table.ReadAll()).Version.Version);
            Assert.Equal(i, (await _table.ReadAll()).Members.Count);
        }
    }

    [Fact]
    public async Task Of_many_writers_at_once_one_gets_through_and_none_is_lost()
    {
        var entry = Entry();
        var next = (await _table.ReadAll()).Version.Next();
        var inserted = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => _table.InsertRow(entry, next)));
        Assert.Equal(1, inserted.Count(i => i));

        await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            bool done;
            do
            {
                var data = await _table.ReadAll();
                var (row, etag) = data.TryGet(entry.SiloAddress)!;
                done = await _table.UpdateRow(row, etag, data.Version.Next());
            }
            while (!done);
        }));
        Assert.Equal(13, (await _table.ReadAll()).Version.Version);
        Assert.Single((await _table.ReadAll()).Members);
    }

    [Fact]
    public async Task A_sign_of_life_changes_its_time_and_neither_version_nor_etag()
    {
        var entry = Entry();
        await _table.InsertRow(entry, (await _table.ReadAll()).Version.Next());
        var before = await _table.ReadRow(entry.SiloAddress);
        var at = DateTime.UtcNow.AddSeconds(5);
        await _table.UpdateIAmAlive(new MembershipEntry { SiloAddress = entry.SiloAddress, IAmAliveTime = at });
        var after = await _table.ReadRow(entry.SiloAddress);
        Assert.True((after.Members[0].Item1.IAmAliveTime - at).Duration() < TimeSpan.FromSeconds(1));
        Assert.Equal(before.Version, after.Version);
        Assert.Equal(before.Members[0].Item2, after.Members[0].Item2);
        Assert.Equal(entry.SiloName, after.Members[0].Item1.SiloName);
    }

    [Fact]
    public async Task Signs_of_life_beside_updates_lose_neither()
    {
        var entries = Enumerable.Range(0, 6).Select(_ => Entry()).ToArray();
        foreach (var entry in entries)
        {
            Assert.True(await _table.InsertRow(entry, (await _table.ReadAll()).Version.Next()));
        }

        var at = DateTime.UtcNow.AddMinutes(1);
        var alive = Task.WhenAll(
            entries.Select(e => _table.UpdateIAmAlive(new MembershipEntry { SiloAddress = e.SiloAddress, IAmAliveTime = at })));
        var data = await _table.ReadAll();
        var (row, etag) = data.TryGet(entries[0].SiloAddress)!;
        row.Status = SiloStatus.Dead;
        Assert.True(await _table.UpdateRow(row, etag, data.Version.Next()));
        await alive;
        data = await _table.ReadAll();
        Assert.Equal(SiloStatus.Dead, data.TryGet(entries[0].SiloAddress)!.Item1.Status);
        Assert.All(entries[1..], e => Assert.True(data.TryGet(e.SiloAddress)!.Item1.IAmAliveTime > DateTime.UtcNow));
    }

    [Theory]
    [InlineData(SiloStatus.Dead, true)]
    [InlineData(SiloStatus.Created, true)]
    [InlineData(SiloStatus.Joining, true)]
    [InlineData(SiloStatus.ShuttingDown, true)]
    [InlineData(SiloStatus.Active, false)]
    public async Task Old_entries_of_silos_that_are_not_active_are_cleaned_up(SiloStatus status, bool goes)
    {
        var old = Entry();
        old.Status = status;
        old.IAmAliveTime = old.StartTime = DateTime.UtcNow.AddDays(-10);
        var young = Entry();
        young.Status = SiloStatus.Dead;
        foreach (var entry in new[] { old, young })
        {
            Assert.True(await _table.InsertRow(entry, (await _table.ReadAll()).Version.Next()));
        }

        await _table.CleanupDefunctSiloEntries(DateTimeOffset.UtcNow.AddDays(-3));
        var left = (await _table.ReadAll()).Members.Select(m => m.Item1.SiloAddress).ToArray();
        Assert.Equal(goes ? [young.SiloAddress] : new[] { old.SiloAddress, young.SiloAddress }.Order(), left.Order());
    }

    [Fact]
    public async Task Gateways_are_the_active_silos_that_have_one()
    {
        var entries = Enumerable.Range(0, 4).Select(_ => Entry()).ToArray();
        entries[0].Status = SiloStatus.Active;
        entries[0].ProxyPort = 0;
        entries[1].Status = SiloStatus.Active;
        entries[2].Status = SiloStatus.Dead;
        foreach (var entry in entries)
        {
            Assert.True(await _table.InsertRow(entry, (await _table.ReadAll()).Version.Next()));
        }

        var gateways = await new KubernetesGateways(ApiServer.Store(api.LeastConfig, _cluster), TimeSpan.FromMinutes(1)).GetGateways();
        Assert.Equal(SiloAddress.New(entries[1].SiloAddress.Endpoint.Address, entries[1].ProxyPort, entries[1].SiloAddress.Generation)
            .ToGatewayUri(), Assert.Single(gateways));
    }

    [Fact]
    public async Task Two_clusters_do_not_see_each_other_and_one_is_deleted_alone()
    {
        var other = new KubernetesMembershipTable(ApiServer.Store(api.Server.AdminConfig, _cluster + "-2"));
        await other.InitializeMembershipTable(true);
        await _table.InsertRow(Entry(), (await _table.ReadAll()).Version.Next());
        Assert.Empty((await other.ReadAll()).Members);
        await other.DeleteMembershipTableEntries(_cluster + "-2");
        await other.DeleteMembershipTableEntries(_cluster + "-2");
        Assert.Single((await _table.ReadAll()).Members);
    }

    [Fact]
    public async Task Without_rights_the_error_says_what_to_grant()
    {
        var table = new KubernetesMembershipTable(ApiServer.Store(api.NobodyConfig, _cluster));
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => table.ReadAll());
        Assert.Contains("grant get, create and update", e.Message, StringComparison.Ordinal);
    }

    private static DateTime Second(int second) => new(2026, 11, 24, 12, 0, second, DateTimeKind.Utc);

    private static SiloAddress Address() => SiloAddress.New(IPAddress.Loopback, 10_000 + Interlocked.Increment(ref _silos), 12_345_678);

    private static MembershipEntry Entry() => new()
    {
        SiloAddress = Address(),
        SiloName = "silo" + _silos,
        HostName = "host",
        Status = SiloStatus.Joining,
        ProxyPort = 30_000,
        StartTime = DateTime.UtcNow,
        IAmAliveTime = DateTime.UtcNow,
    };
}
