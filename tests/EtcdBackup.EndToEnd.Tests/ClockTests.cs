using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Clocks of silos differ, and are set.</summary>
public sealed class ClockTests(ObjectStores servers)
{
    // Of two backups of one revision the later one is served: it must not be the one of the clock that was ahead.
    [Fact]
    public async Task A_backup_that_is_taken_again_counts_though_the_clock_was_set_back()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await NewStore.ServiceAsync(servers, etcd, "PersistentVolume", "None", "Age", start: false);
        service.Config["Clusters"]![0]!["backup"]!["encryption"] = "None";
        await service.StartAsync();
        await service.JsonAsync("/v1/backupnow");
        await service.KillAsync();
        var document = Directory.GetFiles(service.BackupDirectory, "*_etcd.backup.json", SearchOption.AllDirectories).Single();
        var metadata = JsonNode.Parse(await File.ReadAllTextAsync(document))!;
        metadata["creationTime"] = DateTimeOffset.UtcNow.AddHours(1).ToString("O");
        await File.WriteAllTextAsync(document, metadata.ToJsonString());
        service.Config["Clusters"]![0]!["backup"]!["encryption"] = "Age";
        await service.StartAsync();
        var taken = await service.JsonAsync("/v1/backupnow");
        Assert.EndsWith(".age", taken.GetProperty("name").GetString(), StringComparison.Ordinal);
        await service.JsonAsync("/v1/backupnow");
        Assert.Single(Directory.GetFiles(service.BackupDirectory, "*.age", SearchOption.AllDirectories));
    }
}
