using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <summary>How long the questions take that are asked most, of a cluster with very many backups.</summary>
internal static class StatusBench
{
    private const int Asked = 300;

    public static async Task RunAsync(int backups)
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/bench", backups + 1, 10);
        await using var service =
            await new ServiceProcess().With(ServiceProcess.Cluster("bench", etcd.Endpoints, 86_400, maxBackups: 0)).StartAsync();
        (await service.Client.GetAsync("/v1/backupnow")).EnsureSuccessStatusCode();
        await service.KillAsync();
        Multiply(service, backups);
        await service.StartAsync();

        Console.WriteLine(
            $"A cluster with {backups} backups on a file store, {Asked} questions of each kind, one after the other; milliseconds.");
        Console.WriteLine($"{"",-28} {"first",8} {"min",8} {"median",8} {"p99",8}");
        foreach (var (method, path) in new[] { ("GET", "/v1/status"), ("HEAD", "/v1/backup"), ("GET", "/healthz") })
        {
            var times = new List<double>();
            for (var i = 0; i < Asked; i++)
            {
                var watch = Stopwatch.StartNew();
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                using var answer = (await service.Client.SendAsync(request)).EnsureSuccessStatusCode();
                times.Add(watch.Elapsed.TotalMilliseconds);
            }

            var first = times[0];
            times.Sort();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{method + " " + path,-28} {first,8:0.0} {times[0],8:0.0} {times[Asked / 2],8:0.0} {times[Asked * 99 / 100],8:0.0}"));
        }

        var told = (await service.JsonAsync("/v1/status")).GetProperty("backups").GetInt32();
        Console.WriteLine($"The status told of {told} backups.");
    }

    // Copies of the one backup under the names of earlier revisions.
    private static void Multiply(ServiceProcess service, int backups)
    {
        var file = Directory.EnumerateFiles(service.BackupDirectory, "*_etcd.backup", SearchOption.AllDirectories).Single();
        var metadata = JsonNode.Parse(File.ReadAllText(file + ".json"))!;
        var version = Path.GetFileName(file).Split('_')[0];
        for (var revision = 2; revision <= backups; revision++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{version}_{revision:x16}_etcd.backup");
            (metadata["name"], metadata["revision"], metadata["position"]!["revision"]) = (name, revision, revision);
            var copy = Path.Combine(Path.GetDirectoryName(file)!, name);
            File.Copy(file, copy);
            File.WriteAllText(copy + ".json", metadata.ToJsonString());
        }
    }
}
