using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

public class StartTests
{
    public static TheoryData<string, string> Refused => new()
    {
        { """{ "Clusters": [ { "name": "a", "endpoints": ["http://h:1"], "backup": { "maxBackups": -1 } } ] }""", "maxBackups is -1" },
        { """{ "Clusters": [ { "name": "a", "endpoints": ["http://h:1"], "backup": { "maxBackup": 1 } } ] }""",
            "Clusters:0:backup:maxBackup is not known" },
        { """{ "Clusters": [ { "name": "a", "endpoints": ["http://h:1"], "backup": { "backupIntervalInSecond": "often" } } ] }""",
            "Clusters:0:backup:backupIntervalInSecond is 'often': a whole number" },
        { """{ "Clusters": [ { "name": "a", "endpoints": ["http://h:1"], "backup": { "storageType": "Tape" } } ] }""",
            "one of PersistentVolume, S3, ABS" },
        { """{ "Clusters": [ { "name": "Bad_Name", "endpoints": ["http://h:1"], "backup": {} } ] }""", "name is 'Bad_Name'" },
        { """{ "Clusters": [ { "name": "a", "endpoints": ["nonsense"], "backup": {} } ] }""", "endpoints has 'nonsense'" },
        { """{ "Clusters": [ { "name": "a", "endpoints": [], "backup": {} } ] }""", "endpoints is empty" },
        {
            """
            { "Clusters": [
              { "name": "a", "endpoints": ["http://h:1"], "backup": {} }, { "name": "a", "endpoints": ["http://h:1"], "backup": {} } ] }
            """,
            "listed twice"
        },
        { """{ "Clusters": "none" }""", "Clusters is one text: a list belongs here" },
        { """{ "Http": { "Urls": "http://0.0.0.0:1" } }""", "Http:TokenFile" },
        { """{ "Http": { "Urls": "nonsense" } }""", "Http:Urls has 'nonsense'" },
        { """{ "Http": { "TokenFile": "/nowhere/tokens" } }""", "/nowhere/tokens" },
        { """{ "Orleans": { "Clustering": "Zookeeper" } }""", "Orleans:Clustering is 'Zookeeper': one of Localhost" },
        { """{ "Backups": { "MaxConcurrent": -3 } }""", "Backups:MaxConcurrent is -3: allowed are 0 to 1000" },
        { """{ "Etcd": {} , "Cluster": [] , "Foo": 1 }""", "Foo is not known" },
        { """{ "Clusters": [ }""", "no valid JSON" },
        { """{ "DataDirectory": "/proc/nowhere" }""", "DataDirectory is '/proc/nowhere'" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_configuration_that_cannot_be_used_is_refused_with_the_value_and_what_is_allowed(string json, string expected)
    {
        await using var service = new ServiceProcess();
        var config = JsonNode.Parse(json.Contains("[ }", StringComparison.Ordinal) ? "{}" : json)!.AsObject();
        foreach (var (key, value) in config)
        {
            service.Config[key] = value!.DeepClone();
        }

        if (config.Count == 0)
        {
            await service.StartAsync(waitReady: false);
            await service.KillAsync();
            await File.WriteAllTextAsync(service.ConfigFile, json);
            await AssertRefusedAsync(ChildProcess.Start("dotnet", [ServiceProcess.ProgramFile, "--config", service.ConfigFile]), expected);
            return;
        }

        await service.StartAsync(waitReady: false);
        await AssertRefusedAsync(service.Process, expected);
    }

    [Fact]
    public async Task Environment_and_arguments_override_the_file()
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("example", etcd.Endpoints));
        await service.StartAsync(waitReady: false, environment: new Dictionary<string, string> { ["Backups__MaxConcurrent"] = "many" });
        await AssertRefusedAsync(service.Process, "Backups:MaxConcurrent is 'many'");
    }

    private static async Task AssertRefusedAsync(ChildProcess process, string expected)
    {
        await process.WaitForExitAsync();
        await Workspace.UntilAsync(
            () => Task.FromResult(process.Output.Contains(expected, StringComparison.Ordinal)), $"'{expected}' in: {process.Output}");
        Assert.Equal(78, process.ExitCode);
        Assert.DoesNotContain("   at ", process.Output, StringComparison.Ordinal);
    }
}
