using System.Net;
using EtcdBackup.Testing;
using static EtcdBackup.EndToEnd.Tests.TokenService;

namespace EtcdBackup.EndToEnd.Tests;

public class RouteAccessTests
{
    // What each operation needs. A new route is not here, and fails the test until somebody has thought of it.
    private static readonly Dictionary<string, string> Needs = new(StringComparer.Ordinal)
    {
        ["listClusters"] = "status",
        ["removeCluster"] = "admin",
        ["backupNow"] = "backup:create",
        ["backupClusterNow"] = "backup:create",
        ["getBackup"] = "backup:read",
        ["headBackup"] = "backup:read",
        ["getClusterBackup"] = "backup:read",
        ["headClusterBackup"] = "backup:read",
        ["getRetention"] = "status",
        ["getClusterRetention"] = "status",
        ["getStatus"] = "status",
        ["getClusterStatus"] = "status",
        ["getRecoverable"] = "status",
        ["listBackups"] = "status",
        ["getStoredBackup"] = "backup:read",
        ["headStoredBackup"] = "backup:read",
        ["deleteStoredBackup"] = "backup:delete",
        ["verifyStoredBackup"] = "backup:create",
    };

    private static readonly string[] Verbs = ["status", "backup:create", "backup:read", "backup:delete", "admin"];

    [Fact]
    public async Task Every_route_lets_in_exactly_who_has_its_grant_for_the_cluster()
    {
        using var logins = new Logins();
        await using var service = await StartAsync(
            [.. Verbs.Select(v => Line(v, $"{v}@mine/*")), Line("all", "*"), Line("mine", "*@mine/example")], logins.Configure);
        var callers = Callers(service, logins).ToArray();
        var document = await JsonAsync(service, "/openapi/v1.json", "all");
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var verb = Needs[operation.Value.GetProperty("operationId").GetString()!];
                foreach (var cluster in new[] { "mine", "other" })
                {
                    var isOfMine = cluster == "mine" || path.Name == "/v1/clusters";
                    foreach (var caller in callers)
                    {
                        var status = await StatusAsync(caller, operation.Name, path.Name, cluster);
                        var expected = caller.Role switch
                        {
                            "refused" => HttpStatusCode.Unauthorized,
                            "all" => HttpStatusCode.OK,
                            "mine" when isOfMine => HttpStatusCode.OK,
                            _ when caller.Role == verb && isOfMine => HttpStatusCode.OK,
                            _ => HttpStatusCode.Forbidden,
                        };
                        var isRefused = status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
                        Assert.True(
                            expected == HttpStatusCode.OK ? !isRefused : status == expected,
                            $"{operation.Name} {path.Name} of {cluster} by '{caller.Name}': {status} and not {expected}");
                    }
                }
            }
        }
    }

    // Those of the token file are called as their tokens.
    private static IEnumerable<(string Name, string Role, HttpClient Client, string? Token)> Callers(
        ServiceProcess service, Logins logins) =>
    [
        ("nobody", "refused", service.Client, null),
        ("wrong", "refused", service.Client, "wrong"),
        .. Verbs.Concat(["all", "mine"]).Select(c => (c, c, service.Client, (string?)c)),
        .. Verbs.Select(v => ($"jwt {v}", v, service.Client, (string?)logins.Token(v))),
        .. new[] { "all", "mine", "none" }.Select(r => ($"jwt {r}", r, service.Client, (string?)logins.Token(r))),
        .. logins.BadTokens().Select(t => ($"jwt {t.Name}", "refused", service.Client, (string?)t.Token)),
        ("certificate none", "none", logins.Client(logins.Root, "somebody"), null),
        ("certificate mine", "mine", logins.Client(logins.Root, "mine"), null),
        ("certificate of an intermediate", "all", logins.Client(logins.Intermediate, "all"), null),
        ("certificate of another authority", "refused", logins.Client(logins.Stranger, "all"), null),
        ("certificate none with a token", "all", logins.Client(logins.Root, "somebody"), "all"),
        ("certificate all with a wrong token", "refused", logins.Client(logins.Root, "all"), "wrong"),
    ];

    private static async Task<HttpStatusCode> StatusAsync(
        (string Name, string Role, HttpClient Client, string? Token) caller, string method, string path, string cluster)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(method.ToUpperInvariant()),
            path.Replace("{namespace}", cluster, StringComparison.Ordinal).Replace("{name}", "example", StringComparison.Ordinal)
                .Replace("{backup}", "3.5.30_000000000000000f_etcd.backup", StringComparison.Ordinal));
        request.Headers.Host = $"example-backup-sidecar.{cluster}";
        request.Headers.Accept.ParseAdd("application/octet-stream");
        request.Headers.Authorization = caller.Token is null ? null : new("Bearer", caller.Token);
        using var answer = await caller.Client.SendAsync(request);
        return answer.StatusCode;
    }
}
