using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

public class ScheduleTests
{
    [Fact]
    public async Task Every_30_seconds_a_changed_cluster_is_backed_up_and_an_unchanged_one_is_not()
    {
        await using var busy = await EtcdServers.StartAsync();
        await using var idle = await EtcdServers.StartAsync();
        await using var service = await new ServiceProcess().With(
            ServiceProcess.Cluster("busy", busy.Endpoints, 30, maxBackups: 2), ServiceProcess.Cluster("idle", idle.Endpoints, 30))
                .StartAsync();
        for (var round = 1; round <= 3; round++)
        {
            await busy.CtlAsync("put", "round", $"{round}");
            var revision = await busy.RevisionAsync();
            await Workspace.UntilAsync(async () => await RecentAsync("busy") == revision, $"round {round}");
        }

        var runs = (await service.JsonAsync("/v1/clusters/default/busy/status")).GetProperty("lastRuns").EnumerateArray()
            .Where(r => r.GetProperty("result").GetString() == "succeeded")
            .Select(r => r.GetProperty("startedAt").GetDateTimeOffset()).Reverse().ToArray();

        // The first backup comes at once, the second at the cluster's own moment in the interval, and from there on the interval counts. A
        // run may begin late, where the machine is busy, but never early.
        Assert.True(runs[^1] - runs[1] >= TimeSpan.FromSeconds(30 * (runs.Length - 3)), string.Join(", ", runs));
        await Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/clusters/default/busy/status")).GetProperty("backups").GetInt32() == 2,
            "older ones go after each backup");

        var quiet = await service.JsonAsync("/v1/clusters/default/idle/status");
        Assert.Equal(1, quiet.GetProperty("backups").GetInt32());
        Assert.Contains("unchanged", quiet.GetProperty("lastRuns").EnumerateArray().Select(r => r.GetProperty("result").GetString()));

        async Task<long> RecentAsync(string name)
        {
            var status = await service.JsonAsync($"/v1/clusters/default/{name}/status");
            return status.TryGetProperty("recentBackup", out var recent) ? recent.GetProperty("revision").GetInt64() : 0;
        }
    }

    [Fact]
    public async Task A_changed_file_adds_changes_and_removes_clusters_without_a_restart_and_a_broken_one_changes_nothing()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("keeps", etcd.Endpoints), ServiceProcess.Cluster("goes",
            etcd.Endpoints));
        service.Config["Removal"] = new JsonObject { ["GraceInSecond"] = 1, ["BackupsGraceInSecond"] = 1 };
        await service.StartAsync();
        await service.JsonAsync("/v1/clusters/default/keeps/backupnow");
        await service.JsonAsync("/v1/clusters/default/goes/backupnow");
        var clusters = (JsonArray)service.Config["Clusters"]!;

        await File.WriteAllTextAsync(service.ConfigFile, "{ \"Clusters\": [");
        await Workspace.UntilAsync(
            () => Task.FromResult(service.Output.Contains("what was in force before stays in force", StringComparison.Ordinal)),
            "the broken file is noticed");
        await File.WriteAllTextAsync(service.ConfigFile, "");
        await Task.Delay(1500);
        Assert.Equal(2, (await service.JsonAsync("/v1/clusters")).GetArrayLength());

        clusters.Add(ServiceProcess.Cluster("added", etcd.Endpoints));
        service.WriteConfig();
        await NamesAreAsync("added", "goes", "keeps");

        clusters.RemoveAt(1);
        clusters[0]!["backup"]!["autoDelete"] = true;
        service.WriteConfig();
        await NamesAreAsync("added", "keeps");
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(service.BackupDirectory, "v1/default/goes")));

        // Removed while the service was down: autoDelete is honoured all the same.
        await service.KillAsync();
        clusters.RemoveAt(0);
        await service.StartAsync();
        await NamesAreAsync("added");
        await Workspace.UntilAsync(() => Task.FromResult(Directory.GetFiles(Path.Combine(service.BackupDirectory,
            "v1/default/keeps")).Length == 0), "its backups are deleted");

        Task NamesAreAsync(params string[] names) => Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/clusters")).EnumerateArray().Where(c => c.GetProperty("silo").GetString() != "")
                .Select(c => c.GetProperty("name").GetString()).SequenceEqual(names), string.Join(' ', names));
    }

    [Fact]
    public async Task After_kill_9_schedule_and_last_backup_are_known()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints, 3600)).StartAsync();
        var before = (await service.JsonAsync("/v1/backupnow")).GetProperty("creationTime").GetString();
        var due = (await service.JsonAsync("/v1/status")).GetProperty("nextDue").GetDateTimeOffset();
        await service.KillAsync();
        await service.StartAsync();
        Assert.Equal(due, (await service.JsonAsync("/v1/status")).GetProperty("nextDue").GetDateTimeOffset());
        using var answer = await service.GetAsync("/v1/backupnow");
        Assert.Equal("unchanged", Assert.Single(answer.Headers.GetValues("X-Backup-Skipped")));
        Assert.Contains(before!, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_the_original_service_filled_is_served_and_goes_on()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/a", 3);
        using var scratch = new ScratchDirectory();
        var folder = Directory.CreateDirectory(scratch["v1/default/example"]).FullName;
        await etcd.CtlAsync("snapshot", "save", Path.Combine(folder, "3.1.0_000000000000000f_etcd.backup"));
        File.Copy(Path.Combine(folder, "3.1.0_000000000000000f_etcd.backup"), Path.Combine(folder, "3.1.0_000000000000000a_etcd.backup"));
        File.SetLastWriteTimeUtc(Path.Combine(folder, "3.1.0_000000000000000a_etcd.backup"), DateTime.UtcNow.AddHours(-1));
        await using var service = new ServiceProcess()
            .With(ServiceProcess.Cluster("example", [$"http://127.0.0.1:{Workspace.FreePorts(1)[0]}"]));
        service.Config["Backups"]!["Directory"] = scratch.Path;
        await service.StartAsync();

        var status = await service.JsonAsync("/v1/status");
        Assert.Equal(2, status.GetProperty("backups").GetInt32());
        Assert.Equal(15, status.GetProperty("recentBackup").GetProperty("revision").GetInt64());
        using (var old = await service.GetAsync("/v1/backup?etcdVersion=3.1.0&etcdRevision=10"))
        {
            Assert.Equal("3.1.0", Assert.Single(old.Headers.GetValues("X-etcd-Version")));
            Assert.NotNull(old.Headers.ETag);
        }

        // The cluster comes up: a new backup becomes the latest, though its revision is lower.
        ((JsonArray)service.Config["Clusters"]!)[0] = ServiceProcess.Cluster("example", etcd.Endpoints);
        service.WriteConfig();
        await Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/status")).GetProperty("recentBackup").GetProperty("revision").GetInt64() == 4,
            "the new backup is the latest");
    }
}
