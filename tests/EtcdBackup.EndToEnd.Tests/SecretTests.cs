using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.EndToEnd.Tests;

/// <summary>Looks for every secret that the service was given in all that it gives and writes.</summary>
public sealed class SecretTests(ObjectStores servers)
{
    private const string Token = "token-of-the-one-who-may-all";
    private const string OtherToken = "token-of-another-one";
    private const string WrongToken = "token-of-nobody";
    private const string Password = "password-for-etcd";
    private const string WrongPassword = "another-password-for-etcd";
    private const string WrongKey = "another-secret-of-a-bucket";

    [Fact]
    public async Task No_answer_no_log_line_and_no_file_has_a_secret()
    {
        using var certificates = new TestCertificates();
        await using var etcd = await EtcdServers.StartAsync(new EtcdOptions { Tls = certificates.Arguments });
        await etcd.CtlAsync("put", "a", "1");
        await etcd.CtlAsync("user", "add", $"root:{Password}");
        await etcd.CtlAsync("user", "grant-role", "root", "root");
        await etcd.CtlAsync("auth", "enable");
        await using var service = new ServiceProcess().WithDashboard();
        var clusters = await ConfigureAsync(service, etcd, certificates);
        await service.StartAsync(waitReady: false);
        await Workspace.UntilAsync(async () =>
            (await TextOrNullAsync(service, "/v1/clusters"))?.Contains("wrong-store") == true, "it is up");

        var given = await AskAllAsync(service, clusters);
        Assert.Contains(given, g => g.Contains("x-etcd-version", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(given, g => g.Contains("authentication failed", StringComparison.Ordinal));
        Assert.Contains(given, g => g.Contains("SignatureDoesNotMatch", StringComparison.Ordinal));
        Assert.Contains(given, g => g.Contains("etcdbackup_runs_total", StringComparison.Ordinal));
        var files = Directory.GetFiles(service["data"], "*", SearchOption.AllDirectories);
        Assert.Contains(files, f => f.EndsWith("state.db", StringComparison.Ordinal));
        Assert.Contains(files, f => f.EndsWith("_etcd.backup.json", StringComparison.Ordinal));
        var secrets = await SecretsAsync(service, certificates);
        foreach (var (where, text) in given.Select(g => ("an answer", g)).Append(("the log", service.Output))
            .Concat(files.Select(f => (f, Encoding.Latin1.GetString(File.ReadAllBytes(f))))))
        {
            foreach (var secret in secrets.Where(s => text.Contains(s, StringComparison.Ordinal)))
            {
                Assert.Fail($"{where} has '{secret}': {text[..Math.Min(text.Length, 2000)]}");
            }
        }
    }

    private static async Task<string[]> SecretsAsync(ServiceProcess service, TestCertificates certificates) =>
    [
        Token, OtherToken, WrongToken, Password, WrongPassword, WrongKey, RadosGateway.SecretKey, Azurite.Key,
        // A line within, and not the one that all keys have.
        (await File.ReadAllLinesAsync(certificates.ClientKey))[2],
        (await File.ReadAllLinesAsync(service["keys.txt"])).Single(l => l.StartsWith("AGE-SECRET-KEY", StringComparison.Ordinal)),
    ];

    private async Task<string[]> ConfigureAsync(ServiceProcess service, EtcdServers etcd, TestCertificates certificates)
    {
        await File.WriteAllLinesAsync(service["tokens"], [
            TokenLine.Of("all", Token, "*"), TokenLine.Of("another", OtherToken, "status@none/*")]);
        await File.WriteAllTextAsync(service["password"], Password);
        await File.WriteAllTextAsync(service["wrong-password"], WrongPassword);
        await ChildProcess.RunAsync("age-keygen", "-o", service["keys.txt"]);
        RadosGateway.WriteSecret(service["secrets/aws"]);
        RadosGateway.WriteSecret(service["secrets/wrong"], WrongKey);
        Azurite.WriteSecret(service["secrets/azure"]);
        service.Config["Http"]!["TokenFile"] = service["tokens"];
        service.Config["Backups"]!["SecretsDirectory"] = service["secrets"];
        service.Config["Backups"]!["AgeKeyFile"] = service["keys.txt"];

        var (bucket, container) = (await NewStore.BucketAsync(await servers.S3), await NewStore.ContainerAsync(await servers.Azure));
        Add("file", b => b["encryption"] = "Age");
        Add("plain", _ => { });
        Add("s3", b => S3(b, "aws"));
        Add("azure", b => (b["storageType"], b["abs"]) = ("ABS", container));
        Add("wrong-password", _ => { }, service["wrong-password"]);
        Add("wrong-store", b => S3(b, "wrong"));
        return [.. ((JsonArray)service.Config["Clusters"]!).Select(c => c!["name"]!.GetValue<string>())];

        void S3(JsonNode backup, string secret)
        {
            (backup["storageType"], backup["s3"]) = ("S3", bucket.DeepClone());
            backup["s3"]!["awsSecret"] = secret;
        }

        void Add(string name, Action<JsonNode> change, string? passwordFile = null)
        {
            var cluster = ServiceProcess.Cluster(name, etcd.Endpoints);
            cluster["auth"] = new JsonObject { ["username"] = "root", ["passwordFile"] = passwordFile ?? service["password"] };
            cluster["tls"] = new JsonObject
            {
                ["caFile"] = certificates.CaFile,
                ["certFile"] = certificates.ClientCert,
                ["keyFile"] = certificates.ClientKey,
                ["serverName"] = "etcd.test",
            };
            change(cluster["backup"]!);
            service.With(cluster);
        }
    }

    // Every operation of the OpenAPI document on every cluster, the pages, and the same without a login and with a wrong one.
    private static async Task<string[]> AskAllAsync(ServiceProcess service, string[] clusters)
    {
        var given = new ConcurrentBag<string>();
        var document = JsonDocument.Parse((await TextOrNullAsync(service, "/openapi/v1.json"))!).RootElement;
        await Parallel.ForEachAsync(clusters, async (cluster, _) =>
        {
            await AskAsync(HttpMethod.Get, $"/v1/clusters/default/{cluster}/backupnow", Token);
            var list = await AskAsync(HttpMethod.Get, $"/v1/clusters/default/{cluster}/backups", Token);
            var name = list.Contains("\"items\"", StringComparison.Ordinal)
                ? JsonNode.Parse(list)!["items"]!.AsArray().FirstOrDefault()?["name"]?.GetValue<string>()
                : null;
            var operations = document.GetProperty("paths").EnumerateObject()
                .SelectMany(p => p.Value.EnumerateObject().Select(o => (Path: p.Name, Method: o.Name)))
                .OrderBy(o => o.Method == "delete").ThenByDescending(o => o.Path.Length);
            foreach (var (path, method) in operations)
            {
                var url = path.Replace("{namespace}", "default", StringComparison.Ordinal)
                    .Replace("{name}", cluster, StringComparison.Ordinal)
                    .Replace("{backup}", name ?? "3.5.30_0000000000000004_etcd.backup", StringComparison.Ordinal);
                await AskAsync(new HttpMethod(method.ToUpperInvariant()), url, Token, $"{cluster}-backup-sidecar");
            }
        });

        string[] pages =
            ["/", "/healthz", "/readyz", "/metrics", "/scalar/", "/openapi/v1.json", "/dashboard/", "/dashboard/DashboardCounters",
            "/dashboard/ClusterStats", "/dashboard/GrainTypes", "/dashboard/Reminders/1", "/dashboard/TopGrainMethods",
            .. clusters.Select(c => $"/dashboard/GrainState?grainId=default/{c}&grainType=EtcdBackup.Grains.BackupGrain")];
        foreach (var page in pages)
        {
            foreach (var token in new[] { Token, OtherToken, WrongToken, null })
            {
                await AskAsync(HttpMethod.Get, page, token);
            }
        }

        return [.. given];

        async Task<string> AskAsync(HttpMethod method, string path, string? token, string? host = null)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Host = host;
            request.Headers.Authorization = token is null ? null : new("Bearer", token);
            using var answer = await service.Client.SendAsync(request);
            var body = Encoding.Latin1.GetString(await answer.Content.ReadAsByteArrayAsync());
            given.Add($"{method} {path} {answer} {body}");
            return body;
        }
    }

    private static async Task<string?> TextOrNullAsync(ServiceProcess service, string path)
    {
        try
        {
            using var answer = await service.GetAsync(path, token: Token);
            return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : null;
        }
        catch (HttpRequestException) when (!service.Process.HasExited)
        {
            return null;
        }
    }
}
