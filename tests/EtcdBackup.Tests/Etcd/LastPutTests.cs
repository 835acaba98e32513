using EtcdBackup.Clusters;
using EtcdBackup.Etcd;
using EtcdBackup.Secrets;
using EtcdBackup.Snapshots;
using EtcdBackup.Testing;

namespace EtcdBackup.Tests.Etcd;

/// <summary>The witness of a history, found in a file and looked for in a live cluster.</summary>
public class LastPutTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("put z 1", true)]
    [InlineData("put k 3", true)]
    [InlineData("del k", true)]
    [InlineData("del k; put k 1", true)]
    [InlineData("put k 3; compact 6", null)]
    [InlineData("del k; put k 1; put z 1; compact 8", null)]
    [InlineData("put z 1; compact 6", true)]
    [InlineData("put z 1; defrag", true)]
    public async Task In_its_own_history_it_is_found_or_nothing_speaks_against_it(string since, bool? expected)
    {
        await using var etcd = await EtcdServers.StartAsync();
        var put = await BeginAsync(etcd);
        await DoAsync(etcd, since);
        Assert.Equal(expected, (await ReadAsync(etcd, put))!.HoldsLastPut);
        Assert.Equal(expected, await HoldsAsync(etcd, put));
    }

    [Theory]
    [InlineData("bookworm", "put k 1; put y 1; put k 3; del y", false)] // another value
    [InlineData("forky", "put k 1; put y 1; put k 3; del y", false)]
    [InlineData("forky", "put y 1; put k 1; put k 2; del y", false)] // younger
    [InlineData("forky", "put k 1; put k 2; put y 1; del y", false)] // put earlier
    [InlineData("forky", "put x 1; put y 1; put z 2; put z 3", false)] // no such key
    [InlineData("forky", "put x 1; put y 1; put z 2; del y; put k 3; compact 6", null)] // … since that revision
    [InlineData("forky", "put k 1; put y 1; put y 2; put k 3; put y 3; compact 6", false)] // compacted, and put too seldom
    [InlineData("forky", "put k 1; put y 1; put k 3; del y; put k 4; compact 6", null)] // nothing tells any more
    [InlineData("forky", "put y 1", null)] // behind: that tells the position
    public async Task In_another_history_it_is_not_there(string suite, string history, bool? expected)
    {
        await using var etcd = await EtcdServers.StartAsync(suite);
        var put = await BeginAsync(etcd);
        await etcd.RecreateAsync(keepsToken: true);
        await DoAsync(etcd, history);
        Assert.Equal(expected, (await ReadAsync(etcd, put))!.HoldsLastPut);
        Assert.Equal(expected, await HoldsAsync(etcd, put));
    }

    // Of a backup whose last changes are deletions the last put is in the history before it, too.
    [Theory]
    [InlineData("forky", "", true)]
    [InlineData("forky", "put x 1; del x", true)]
    [InlineData("bookworm", "put x 1", true)] // created anew
    [InlineData("forky", "put x 1; compact 5", true)]
    public async Task Of_its_own_history_the_last_deletion_is_found(string suite, string since, bool? expected)
    {
        await using var etcd = await EtcdServers.StartAsync(suite);
        var put = await BeginWithDeletionAsync(etcd);
        await DoAsync(etcd, since);
        Assert.Equal(expected, (await ReadAsync(etcd, put))!.HoldsLastPut);
        Assert.Equal(expected, await HoldsAsync(etcd, put));
    }

    [Theory]
    [InlineData("bookworm", "put x 1; put k 1; put n 1", false)] // restored to before it
    [InlineData("forky", "put x 1; put k 1; put n 1", false)]
    [InlineData("forky", "put x 1; put k 1; put n 1; del x; put n 2", false)] // … and deleted later
    [InlineData("forky", "put x 1; put k 1; put n 1; put n 2; compact 5", false)] // … and the past is gone
    [InlineData("forky", "put y 1; put k 1; put n 1", false)] // never there
    [InlineData("forky", "put x 1; put k 1", null)] // behind: that tells the position
    public async Task In_another_history_the_deletion_is_not(string suite, string history, bool? expected)
    {
        await using var etcd = await EtcdServers.StartAsync(suite);
        var put = await BeginWithDeletionAsync(etcd);
        await etcd.RecreateAsync(keepsToken: true);
        await DoAsync(etcd, history);
        Assert.Equal(expected, (await ReadAsync(etcd, put))!.HoldsLastPut);
        Assert.Equal(expected, await HoldsAsync(etcd, put));
    }

    [Fact]
    public async Task Without_a_quorum_a_member_tells_what_it_has()
    {
        await using var etcd = await EtcdServers.StartAsync(members: 3);
        await etcd.CtlAsync("put", "k", "1");
        await etcd.KillAsync(0);
        await etcd.KillAsync(1);
        var put = (await LastPutAsync(etcd))!;
        Assert.Null(await ReadAsync(etcd, put));
        Assert.True(await HoldsAsync(etcd, put));
    }

    [Fact]
    public async Task Of_a_key_that_is_too_long_and_of_an_empty_cluster_there_is_none()
    {
        await using var etcd = await EtcdServers.StartAsync();
        Assert.Null(await LastPutAsync(etcd));
        await etcd.CtlAsync("put", new string('k', LastPut.LongestKey), "1");
        Assert.Equal(LastPut.LongestKey, (await LastPutAsync(etcd))!.Key.Length);
        await etcd.CtlAsync("put", new string('k', LastPut.LongestKey + 1), "1");
        Assert.Null(await LastPutAsync(etcd));
    }

    [Fact]
    public async Task A_value_in_pages_of_its_own_is_read_too()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("large", 1, valueBytes: 1_000_000);
        var put = await LastPutAsync(etcd);
        Assert.True((await ReadAsync(etcd, put!))!.HoldsLastPut);
    }

    // k is put twice, the second time at revision 4, and the last of all is a deletion.
    private static async Task<LastPut> BeginAsync(EtcdServers etcd)
    {
        await DoAsync(etcd, "put k 1; put y 1; put k 2; del y");
        var put = await LastPutAsync(etcd);
        Assert.Equal(("k", 4, 2, 2), (System.Text.Encoding.UTF8.GetString(put!.Key), put.Revision, put.CreateRevision, put.Version));
        return put;
    }

    // x is deleted at revision 4, after the last put.
    private static async Task<LastPut> BeginWithDeletionAsync(EtcdServers etcd)
    {
        await DoAsync(etcd, "put x 1; put k 1; del x");
        var put = (await LastPutAsync(etcd))!;
        Assert.Equal((3, 4), (put.Revision, put.Deleted!.Revision));
        Assert.Equal("x"u8, put.Deleted.Key);
        return put;
    }

    private static async Task DoAsync(EtcdServers etcd, string commands)
    {
        foreach (var command in commands.Split("; ", StringSplitOptions.RemoveEmptyEntries))
        {
            await etcd.CtlAsync(command.Split(' '));
        }
    }

    private static async Task<LastPut?> LastPutAsync(EtcdServers etcd)
    {
        using var scratch = new ScratchDirectory();
        await etcd.CtlAsync("snapshot", "save", scratch["snapshot"]);
        return SnapshotInspector.Inspect(scratch["snapshot"]).LastPut;
    }

    private static async Task<ClusterRead?> ReadAsync(EtcdServers etcd, LastPut put)
    {
        using var connections = Connections();
        using var cluster = await connections.OpenAsync(Spec(etcd), CancellationToken.None);
        var members = await cluster.ProbeAsync(CancellationToken.None);
        return await ClusterRead.OfAsync(cluster, members.Where(m => m.Answered), put, isLocal: false, CancellationToken.None);
    }

    private static async Task<bool?> HoldsAsync(EtcdServers etcd, LastPut put)
    {
        using var connections = Connections();
        using var cluster = await connections.OpenAsync(Spec(etcd), CancellationToken.None);
        var members = await cluster.ProbeAsync(CancellationToken.None);
        var answered = members.Where(m => m.Answered);
        return (await ClusterRead.OfAsync(cluster, answered, put, isLocal: true, CancellationToken.None))?.HoldsLastPut;
    }

    private static EtcdConnections Connections() => new(
        new EtcdTimeouts { Confirm = TimeSpan.FromSeconds(2) }, new CredentialFiles(new MountedSecrets("")), new ResourceLimits(),
        TimeProvider.System);

    private static ClusterSpec Spec(EtcdServers etcd) => new()
    {
        Key = new ClusterKey("default", "example"),
        Endpoints = [.. etcd.Endpoints.Select(e => new Uri(e))],
        Backup = new BackupSpec(),
    };
}
