using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <summary>What the change log costs, what is lost with it, and how soon what is made of it is served.</summary>
internal static partial class LogBench
{
    private static readonly EtcdOptions Roomy = new() { Arguments = ["--quota-backend-bytes", "8589934592"] };

    public static async Task RunAsync(string what, int number)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        foreach (var (name, run, otherwise) in new (string, Func<int, Task>, int)[]
        {
            ("load", LoadAsync, 5000), ("idle", IdleAsync, 1000), ("loss", LossAsync, 10), ("made", MadeAsync, 512),
        })
        {
            if (what == name || what == "")
            {
                await run(number > 0 ? number : otherwise);
            }
        }
    }

    private static JsonObject Cluster(string name, EtcdServers etcd, bool isLogged)
    {
        var cluster = ServiceProcess.Cluster(name, etcd.Endpoints);
        if (isLogged)
        {
            cluster["backup"]!["log"] = new JsonObject { ["enabled"] = true };
        }

        return cluster;
    }

    private static void Configure(ServiceProcess service, IEnumerable<JsonObject> clusters)
    {
        service.Config["Clusters"] = new JsonArray();
        service.With(clusters).WriteConfig();
    }

    private static async Task<JsonElement?> LogAsync(ServiceProcess service) =>
        (await service.JsonAsync("/v1/clusters/default/bench/recoverable")).TryGetProperty("log", out var log) ? log : null;

    private static Task UntilStoredAsync(ServiceProcess service, long revision) => Workspace.UntilAsync(
        async () => await LogAsync(service) is { } log && log.TryGetProperty("stored", out var stored) && stored.GetInt64() >= revision,
        "the log is stored");

    // The names say what is in them: docs/changelog-format.md.
    private static IEnumerable<(long Last, long PlainBytes, long StoredBytes)> Segments(ServiceProcess service) =>
        from file in new DirectoryInfo(service.BackupDirectory).EnumerateFiles("*.log.zst", SearchOption.AllDirectories)
        let fields = file.Name.Split('_', '.')
        select (Hex(fields[1]), Hex(fields[7]), file.Length);

    private static long Hex(string digits) => long.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static void Tell(string text) => Console.WriteLine(text);

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;
}
