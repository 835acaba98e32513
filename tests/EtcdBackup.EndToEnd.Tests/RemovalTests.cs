using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;
using Microsoft.Data.Sqlite;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Removed is said, never inferred.</summary>
public class RemovalTests
{
    // Far longer than the graces in use: what should not happen has had its time.
    internal static readonly TimeSpan LongAfter = TimeSpan.FromSeconds(8);

    public static TheoryData<string, string?, string> Silent => new()
    {
        { "no key", "{}", "says nothing of Clusters" },
        { "an empty list", """{ "Clusters": [] }""", "an empty list removes nothing" },
        { "an empty file", "", "cannot be used" },
        { "half a file", """{ "Clusters": [ { "name": """, "cannot be used" },
        { "no file", null, "cannot be used" },
    };

    [Theory]
    [MemberData(nameof(Silent))]
    public async Task A_file_that_does_not_say_so_removes_nothing(string what, string? text, string told)
    {
        Assert.NotEqual("", what);
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await BackedUpAsync(etcd);
        if (text is null)
        {
            File.Delete(service.ConfigFile);
        }
        else
        {
            await File.WriteAllTextAsync(service.ConfigFile, Placed(service, text));
        }

        await Workspace.UntilAsync(() => Task.FromResult(service.Output.Contains(told, StringComparison.Ordinal)), told);
        await AssertStaysAsync(service, etcd);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "Clusters": [] }""")]
    [InlineData(null)]
    public async Task A_start_with_a_file_that_names_none_or_without_one_goes_on_with_what_is_registered(string? text)
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await BackedUpAsync(etcd);
        await service.KillAsync();
        string[] arguments = text is null ? [] : ["--config", service.ConfigFile];
        await File.WriteAllTextAsync(service.ConfigFile, text ?? "");
        await using var process = ChildProcess.Start("dotnet", [
            ServiceProcess.ProgramFile, .. arguments, $"--Http:Urls={service.Config["Http"]!["Urls"]}",
                $"--DataDirectory={service.Config["DataDirectory"]}",
            "--Removal:GraceInSecond=1", "--Removal:BackupsGraceInSecond=1"]);
        await service.UntilServingAsync(process);
        await AssertStaysAsync(service, etcd);
    }

    [Fact]
    public async Task A_cluster_that_is_taken_out_of_the_list_shows_when_it_goes_and_comes_back_when_it_is_named_again()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await BackedUpAsync(etcd, graceInSecond: 600);
        var taken = Take(service, "example");
        await Workspace.UntilAsync(async () => (await LineAsync(service, "example")).TryGetProperty("missingSince", out _), "it is missed");
        var line = await LineAsync(service, "example");
        var since = line.GetProperty("missingSince").GetDateTimeOffset();
        Assert.Equal(since.AddSeconds(600), line.GetProperty("unregisteredAt").GetDateTimeOffset());
        Assert.Equal(since.AddSeconds(601), line.GetProperty("backupsDeletedAt").GetDateTimeOffset());
        await service.JsonAsync("/v1/clusters/default/example/backupnow");

        service.With(taken).WriteConfig();
        await Workspace.UntilAsync(async () => !(await LineAsync(service, "example")).TryGetProperty("missingSince", out _),
            "it is named again");
        Assert.False((await LineAsync(service, "example")).TryGetProperty("unregisteredAt", out _));
    }

    [Fact]
    public async Task After_the_grace_it_is_unregistered_naming_it_again_brings_it_back_with_its_backups_and_else_they_go()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await BackedUpAsync(etcd, backupsGraceInSecond: 3600);
        var taken = Take(service, "example");
        await Workspace.UntilAsync(async () => (await LineAsync(service, "example")).GetProperty("silo").GetString() == "",
            "it is unregistered");
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync("/v1/clusters/default/example/status")).StatusCode);
        Assert.True((await LineAsync(service, "example")).GetProperty("backupsDeletedAt").GetDateTimeOffset() > DateTimeOffset.UtcNow);
        Assert.NotEmpty(Backups(service));

        service.With(taken).WriteConfig();
        await Workspace.UntilAsync(async ()
            => (await service.GetAsync("/v1/clusters/default/example/status")).StatusCode == HttpStatusCode.OK, "it is back");
        using (var now = await service.GetAsync("/v1/clusters/default/example/backupnow"))
        {
            Assert.Equal("unchanged", Assert.Single(now.Headers.GetValues("X-Backup-Skipped")));
        }

        // What is on its way out stays so over a restart.
        Take(service, "example");
        await Workspace.UntilAsync(async () => (await LineAsync(service, "example")).GetProperty("silo").GetString() == "",
            "it is unregistered again");
        await service.KillAsync();
        service.Config["Removal"]!["BackupsGraceInSecond"] = 1;
        await service.StartAsync();
        await Workspace.UntilAsync(() => Task.FromResult(Backups(service).Length == 0), "its backups are deleted");
        Assert.Equal("other", (await service.JsonAsync("/v1/clusters/default/other/status")).GetProperty("name").GetString());
    }

    [Fact]
    public async Task The_delete_route_removes_at_once_what_nobody_names_and_says_who_names_it_otherwise()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await BackedUpAsync(etcd, graceInSecond: 3600);
        Assert.Equal(HttpStatusCode.BadRequest,
            (await service.Client.DeleteAsync("/v1/clusters/default/example?backups=maybe")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await service.Client.DeleteAsync("/v1/clusters/default/nobody")).StatusCode);
        using (var named = await service.Client.DeleteAsync("/v1/clusters/default/example"))
        {
            Assert.Equal(HttpStatusCode.Conflict, named.StatusCode);
            Assert.Contains(service.ConfigFile, await named.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            await ContractTests.AssertProblemAsync(named);
        }

        service.Config["Clusters"] = new JsonArray();
        service.WriteConfig();
        await UntilDeletedAsync(service, "other", "keep");
        await UntilDeletedAsync(service, "example", "delete");
        Assert.Empty((await service.JsonAsync("/v1/clusters")).EnumerateArray());
        Assert.Empty(Backups(service));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(service.BackupDirectory, "v1/default/other"), "*_etcd.backup"));
        Assert.Equal(HttpStatusCode.NotFound, (await service.Client.DeleteAsync("/v1/clusters/default/example")).StatusCode);
    }

    [Theory]
    [InlineData("the directory's", "directory")]
    [InlineData("all grains'", "")]
    public async Task State_rows_that_are_lost_lose_no_cluster(string whose, string row)
    {
        Assert.NotEqual("", whose);
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await BackedUpAsync(etcd);
        await service.KillAsync();
        Assert.True(Delete(service, row) > 0);
        await service.StartAsync();
        await etcd.CtlAsync("put", "later", "1");
        foreach (var name in new[] { "example", "other" })
        {
            using var answer = await service.GetAsync($"/v1/clusters/default/{name}/backupnow");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await AssertStaysAsync(service, etcd);
    }

    [Fact]
    public async Task A_lost_directory_is_made_again_by_the_grains_that_are_there()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await BackedUpAsync(etcd);
        await service.KillAsync();
        Assert.Equal(1, Delete(service, "directory"));
        service.Config.Remove("Clusters");
        await service.StartAsync(waitReady: false);
        await service.UntilServingAsync();
        await Workspace.UntilAsync(async () => (await service.JsonAsync("/v1/clusters")).GetArrayLength() == 2, "both checked in");
        await AssertStaysAsync(service, etcd);
    }

    private static async Task<ServiceProcess> BackedUpAsync(EtcdServers etcd, int graceInSecond = 1, int backupsGraceInSecond = 1)
    {
        await etcd.PutAsync("/a", 3);
        var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints, intervalInSecond: 20),
            ServiceProcess.Cluster("other", etcd.Endpoints, intervalInSecond: 20));
        service.Config["Clusters"]![0]!["backup"]!["autoDelete"] = true;
        service.Config["Removal"] = new JsonObject { ["GraceInSecond"] = graceInSecond, ["BackupsGraceInSecond"] = backupsGraceInSecond };
        await service.StartAsync();
        await Workspace.UntilAsync(async ()
            => (await service.GetAsync("/v1/clusters/default/example/backupnow")).StatusCode == HttpStatusCode.OK, "a backup");
        await Workspace.UntilAsync(async ()
            => (await service.GetAsync("/v1/clusters/default/other/backupnow")).StatusCode == HttpStatusCode.OK, "another backup");
        return service;
    }

    private static async Task AssertStaysAsync(ServiceProcess service, EtcdServers etcd)
    {
        await Task.Delay(LongAfter);
        Assert.Equal(["example", "other"], (await service.JsonAsync("/v1/clusters")).EnumerateArray().Select(c => c.GetProperty("name")
            .GetString()!));
        Assert.All((await service.JsonAsync("/v1/clusters")).EnumerateArray(), c => Assert.False(c.TryGetProperty("missingSince", out _)));
        Assert.NotEmpty(Backups(service));
        await etcd.CtlAsync("put", "still", "1");
        await Workspace.UntilAsync(async ()
            => (await service.GetAsync("/v1/clusters/default/example/backupnow")).StatusCode == HttpStatusCode.OK, "it is backed up still");
    }

    // The file is read anew within a second or two.
    private static Task UntilDeletedAsync(ServiceProcess service, string name, string backups) => Workspace.UntilAsync(
        async ()
            => (await service.Client.DeleteAsync($"/v1/clusters/default/{name}?backups={backups}")).StatusCode == HttpStatusCode.NoContent,
            $"{name} is removed");

    internal static JsonObject Take(ServiceProcess service, string name)
    {
        var clusters = (JsonArray)service.Config["Clusters"]!;
        var taken = clusters.First(c => c!["name"]!.GetValue<string>() == name)!.AsObject();
        clusters.Remove(taken);
        service.WriteConfig();
        return taken;
    }

    private static string Placed(ServiceProcess service, string text) =>
        text.EndsWith('}') ? text.Insert(1, $"\"Removal\": {service.Config["Removal"]!.ToJsonString()}{(text == "{}" ? "" : ",")}") : text;

    private static async Task<JsonElement> LineAsync(ServiceProcess service, string name) =>
        (await service.JsonAsync("/v1/clusters")).EnumerateArray().First(c => c.GetProperty("name").GetString() == name);

    private static string[] Backups(ServiceProcess service) => Directory.GetFiles(Path.Combine(service.BackupDirectory,
        "v1/default/example"), "*_etcd.backup");

    private static int Delete(ServiceProcess service, string row)
    {
        using var connection = new SqliteConnection($"Data Source={service["data/state.db"]};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = row == "" ? "DELETE FROM OrleansStorage"
            : "DELETE FROM OrleansStorage WHERE GrainTypeString LIKE @type || '%'";
        command.Parameters.AddWithValue("@type", row);
        return command.ExecuteNonQuery();
    }
}
