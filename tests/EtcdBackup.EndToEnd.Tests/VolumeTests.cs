using System.Globalization;
using System.Net;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>A volume, or the state, that goes away under the service.</summary>
public class VolumeTests
{
    [Theory]
    [InlineData("")]
    [InlineData("/v1/default/example")] // a volume for each cluster, mounted in the store
    public async Task An_unmounted_volume_is_not_an_empty_one(string below)
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 1);
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints));
        var volume = service["volume"] + below;
        Directory.CreateDirectory(volume);
        service.Config["Backups"]!["Directory"] = service["volume"];
        service.Within = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs none \"$0\" && exec \"$@\"", volume];
        await service.StartAsync();
        await service.JsonAsync("/v1/backupnow");
        using var backup = await service.GetAsync("/v1/backup");
        Assert.Equal(HttpStatusCode.OK, backup.StatusCode);
        await etcd.PutAsync("/a", 2);
        await ChildProcess.RunAsync(
            "nsenter", "-t", service.Process.Id.ToString(CultureInfo.InvariantCulture), "--mount", "umount", "--lazy", volume);
        using var run = await service.GetAsync("/v1/backupnow");
        Assert.Equal(HttpStatusCode.InternalServerError, run.StatusCode);
        Assert.Contains("was on the file system", await run.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(volume));
        if (below == "")
        {
            await NotReadyAsync(service, "was on the file system");
        }
    }

    [Theory]
    [InlineData("data/backups")]
    [InlineData("data")]
    public async Task A_directory_that_was_deleted_is_told(string directory)
    {
        await using var service = new ServiceProcess();
        await service.StartAsync();
        Directory.Delete(service[directory], recursive: true);
        await NotReadyAsync(service, "is gone");
    }

    private static Task NotReadyAsync(ServiceProcess service, string why) => Workspace.UntilAsync(async () =>
    {
        using var ready = await service.GetAsync("/readyz");
        return ready.StatusCode == HttpStatusCode.ServiceUnavailable &&
            (await ready.Content.ReadAsStringAsync()).Contains(why, StringComparison.Ordinal);
    }, $"not ready: {why}", 60);
}
