using System.Globalization;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>A store, or the service, that breaks in the middle of a body.</summary>
public sealed class StoreFaultTests(ObjectStores servers)
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task A_store_that_breaks_mid_body_is_resumed_and_one_that_keeps_breaking_ends_the_answer_short_for_all_to_see()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 24, MiB);
        using var proxy = new FaultProxy((await servers.S3).Endpoint);
        await using var service = await NewStore.ServiceAsync(servers, etcd, "S3", change: backup => backup["s3"]!["endpoint"] = proxy.Url);
        await service.JsonAsync("/v1/backupnow");
        var whole = await File.ReadAllBytesAsync(await service.DownloadAsync());

        var cuts = 2;
        proxy.OnServerBytes = (_, total, _) =>
            total > 4 * MiB && Interlocked.Decrement(ref cuts) >= 0 ? throw new IOException("cut") : Task.CompletedTask;
        Assert.Equal(whole, await File.ReadAllBytesAsync(await service.DownloadAsync()));
        Assert.True(cuts < 0);

        // Counted over all connections: one that still brings something is resumed for ever, as it should be.
        var sent = 0L;
        proxy.OnServerBytes = (bytes, _, _) =>
            Interlocked.Add(ref sent, bytes.Length) > 3 * MiB ? throw new IOException("cut") : Task.CompletedTask;
        await Assert.ThrowsAsync<HttpRequestException>(() => service.DownloadAsync());

        service.Config["Backups"]!["SilenceTimeoutInSecond"] = 1;
        await service.KillAsync();
        proxy.OnServerBytes = (_, _, _) => Task.CompletedTask;
        await service.StartAsync();
        sent = 0;
        proxy.OnServerBytes = (bytes, _, stop) =>
            Interlocked.Add(ref sent, bytes.Length) > 3 * MiB ? Task.Delay(Timeout.Infinite, stop) : Task.CompletedTask;
        await Assert.ThrowsAsync<HttpRequestException>(() => service.DownloadAsync());
    }

    [Fact]
    public async Task Killed_in_the_middle_of_an_upload_it_leaves_nothing_that_is_listed_and_sweeps_the_rest()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await NewStore.ServiceAsync(servers, etcd, "S3", start: false, change: backup =>
        {
            backup["backupIntervalInSecond"] = 1;
            backup["maxBackups"] = 4;
        });
        await etcd.PutAsync("/a", 40, MiB);
        service.Config["Backups"]!["SweepAgeInSecond"] = 1;
        await service.StartAsync();
        // bench/kills asks for more
        var times = int.Parse(Environment.GetEnvironmentVariable("ETCDBACKUP_KILLS") ?? "5", CultureInfo.InvariantCulture);
        var moments = new Random(4);
        for (var i = 0; i < times; i++)
        {
            await etcd.PutAsync("/b", 1, seed: i);
            await Task.Delay(moments.Next(0, 700));
            await service.KillAsync();
            await service.StartAsync();
            await CheckAllAsync(service);
        }

        await service.JsonAsync("/v1/backupnow");
        var bucket = service.Config["Clusters"]![0]!["backup"]!["s3"]!["s3Bucket"]!.GetValue<string>();
        using var client = NewStore.Client(await servers.S3);
        await Workspace.UntilAsync(async () =>
            (await client.ListMultipartUploadsAsync(bucket)).MultipartUploads is null or [] && NewStore.ScratchFiles(service).Length == 0,
                "leftovers are swept");
        await CheckAllAsync(service);
    }

    private static async Task CheckAllAsync(ServiceProcess service)
    {
        foreach (var item in (await service.JsonAsync("/v1/clusters/default/example/backups")).GetProperty("items").EnumerateArray())
        {
            using var report = await service.Client.PostAsync(
                $"/v1/clusters/default/example/backups/{item.GetProperty("name").GetString()}/verify", null);
            var text = await report.Content.ReadAsStringAsync();
            Assert.True(JsonNode.Parse(text)!["verification"]?["sound"]?.GetValue<bool>(), text);
        }
    }
}
