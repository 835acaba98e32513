using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdBackup.Testing;

/// <summary>Some processes of the service that work together, with one configuration and one directory of backups.</summary>
public sealed class SiloCluster : IAsyncDisposable
{
    private readonly ScratchDirectory _directory = new();

    public SiloCluster(int silos, string kind, string connectionString, params IEnumerable<JsonObject> clusters)
        : this(silos, kind, _ => connectionString, clusters)
    {
    }

    public SiloCluster(int silos, string kind, Func<int, string> connectionString, params IEnumerable<JsonObject> clusters)
    {
        var all = clusters.ToArray();
        Silos = [.. Enumerable.Range(0, silos).Select(i =>
        {
            var silo = new ServiceProcess().With(all.Select(c => (JsonObject)c.DeepClone()));
            silo.Config["Orleans"] = new JsonObject
            {
                ["Dashboard"] = false,
                ["Clustering"] = kind,
                ["Storage"] = kind,
                ["AdvertisedAddress"] = "127.0.0.1",
                ["AllowPlainText"] = true,
                [kind] = new JsonObject { ["ConnectionString"] = connectionString(i) },
            };
            silo.Config["Backups"]!["Directory"] = BackupDirectory;
            silo.Config["Backups"]!["Shared"] = true;
            silo.Config["Backups"]!["ScrubIntervalInSecond"] = 0;
            return silo;
        })];
    }

    /// <summary>Membership in Kubernetes instead; the rest stays where it is.</summary>
    public void UseKubernetes(string kubeConfig)
    {
        foreach (var silo in Silos)
        {
            silo.Config["Orleans"]!["Clustering"] = "Kubernetes";
            silo.Config["Orleans"]!["Kubernetes"] = new JsonObject { ["KubeConfigFile"] = kubeConfig };
        }
    }

    /// <summary>TLS between the silos, with certificates of an authority.</summary>
    public SiloCluster UseTls(TestAuthority authority)
    {
        foreach (var silo in Silos)
        {
            SiloTlsFiles.Of(silo).Use().Write(authority.Issue("silo", "silo.test"), authority.Pem);
        }

        return this;
    }

    public ServiceProcess[] Silos { get; }

    public string BackupDirectory => _directory["backups"];

    public Task StartAsync() => Task.WhenAll(Silos.Select(s => s.StartAsync()));

    /// <summary>How many clusters each silo serves, as the silo in question tells it.</summary>
    public static async Task<Dictionary<string, int>> SpreadAsync(ServiceProcess silo) =>
        (await LinesAsync(silo)).GroupBy(c => c.GetProperty("silo").GetString()!).Where(g => g.Key != "")
            .ToDictionary(g => g.Key, g => g.Count());

    /// <summary>
    /// All lines of /v1/clusters. While the silo that knew the list is dead, and not yet known to be, nobody can tell it.
    /// </summary>
    public static async Task<JsonElement[]> LinesAsync(ServiceProcess silo)
    {
        JsonElement[] lines = [];
        await Workspace.UntilAsync(
            async () =>
            {
                try
                {
                    lines = [.. (await silo.JsonAsync("/v1/clusters")).EnumerateArray()];
                    return true;
                }
                catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
                {
                    return false;
                }
            },
            "the clusters are listed");
        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Silos.Select(s => s.DisposeAsync().AsTask()));
        _directory.Dispose();
    }
}
