using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <summary>
/// Sends requests made of the OpenAPI document and changed in hostile ways, and looks for answers that are the service's own fault
/// (5xx), for planted secrets in answers and log, and for memory that grows.
/// </summary>
internal static class FuzzHttp
{
    private const string Token = "planted-token-of-the-caller";
    private const string OtherToken = "planted-token-of-another";
    private const string Password = "planted-password-of-etcd";
    private const int AtOnce = 32;

    private static readonly string[] Secrets = [Token, OtherToken, Password];

    public static async Task<int> RunAsync(int requests, int seed)
    {
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/bench", 20, 1000);
        await etcd.CtlAsync("user", "add", $"root:{Password}");
        await etcd.CtlAsync("user", "grant-role", "root", "root");
        await etcd.CtlAsync("auth", "enable");
        await using var service = new ServiceProcess();
        await File.WriteAllTextAsync(service["password"], Password);
        await File.WriteAllLinesAsync(
            service["tokens"], [TokenLine.Of("caller", Token, "*"), TokenLine.Of("other", OtherToken, "status@none/*")]);
        foreach (var name in new[] { "one", "two" })
        {
            var cluster = ServiceProcess.Cluster(name, etcd.Endpoints);
            cluster["auth"] = new JsonObject { ["username"] = "root", ["passwordFile"] = service["password"] };
            service.With(cluster);
        }

        service.Config["Http"]!["TokenFile"] = service["tokens"];
        await service.StartAsync(waitReady: false);
        var document = await DocumentAsync(service);
        await service.GetAsync("/v1/clusters/default/one/backupnow", token: Token);

        Console.WriteLine($"{requests} requests, seed {seed}");
        var run = new Run(service.Client.BaseAddress!.Port, new HostileRequests([.. OperationsOf(document)], Token, OtherToken));
        await run.SendAsync(requests / 4, seed);
        var before = Memory(service);
        await run.SendAsync(requests - (requests / 4), seed + 1);
        var after = Memory(service);
        await Task.Delay(1000);
        var leaks = Secrets.Where(s => service.Output.Contains(s, StringComparison.Ordinal)).ToArray();

        Console.WriteLine($"answers: {string.Join(", ", run.Statuses.OrderBy(s => s.Key).Select(s => $"{s.Value} x {s.Key}"))}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"memory: {before} MB after a quarter, {after} MB at the end ({(double)after / before:0.00} x)"));
        foreach (var fault in run.Faults.Take(20).Concat(leaks.Select(l => $"the log has {l}")))
        {
            Console.WriteLine($"FAULT {fault}");
        }

        var isWell = run.Faults.IsEmpty && leaks.Length == 0 && !service.Process.HasExited;
        Console.WriteLine(isWell ? "no 5xx, no leak" : "not well");
        return isWell ? 0 : 1;
    }

    private static long Memory(ServiceProcess service) => long.Parse(
        File.ReadLines($"/proc/{service.Process.Id}/status").First(l => l.StartsWith("VmRSS", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    private static async Task<JsonElement> DocumentAsync(ServiceProcess service)
    {
        JsonElement? document = null;
        await Workspace.UntilAsync(async () =>
        {
            try
            {
                using var list = await service.GetAsync("/v1/clusters", token: Token);
                var text = await list.Content.ReadAsStringAsync();
                if (!list.IsSuccessStatusCode || JsonDocument.Parse(text).RootElement.GetArrayLength() < 2)
                {
                    return false;
                }

                using var answer = await service.GetAsync("/openapi/v1.json", token: Token);
                document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "the service knows its clusters");
        return document!.Value;
    }

    private static IEnumerable<(string Method, string Path, string[] Query)> OperationsOf(JsonElement document)
    {
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                string[] query = operation.Value.TryGetProperty("parameters", out var parameters)
                    ? [.. parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query")
                        .Select(p => p.GetProperty("name").GetString()!)] : [];
                yield return (operation.Name.ToUpperInvariant(), path.Name, query);
            }
        }

        foreach (var path in new[] { "/healthz", "/readyz", "/metrics", "/", "/scalar/", "/dashboard/" })
        {
            yield return ("GET", path, ["x"]);
        }
    }

    /// <summary>One run: several connections at once, and what came of them.</summary>
    private sealed class Run(int port, HostileRequests requests)
    {
        public System.Collections.Concurrent.ConcurrentDictionary<int, int> Statuses { get; } = new();

        public System.Collections.Concurrent.ConcurrentQueue<string> Faults { get; } = new();

        public async Task SendAsync(int count, int seed) => await Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, cancel) =>
            {
                var request = requests.Make(new Random(unchecked((seed * 1_000_003) + i)));
                var answer = await AskAsync(request, cancel);
                var status = answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && int.TryParse(answer.AsSpan(9, 3), out var s)
                    ? s : 0;
                Statuses.AddOrUpdate(status, 1, (_, n) => n + 1);
                // 505 is for a version of HTTP that there is not.
                if (status >= 500 && status != 505)
                {
                    Faults.Enqueue($"{answer.Split('\r')[0]} to: {Shown(request)} : {answer[^Math.Min(300, answer.Length)..]}");
                }

                if (Array.Find(Secrets, x => answer.Contains(x, StringComparison.Ordinal)) is { } leak)
                {
                    Faults.Enqueue($"an answer has {leak}: {Shown(request)}");
                }
            });

        private static string Shown(byte[] request) =>
            Encoding.Latin1.GetString(request, 0, Math.Min(request.Length, 300)).ReplaceLineEndings(" | ");

        private async Task<string> AskAsync(byte[] request, CancellationToken cancel)
        {
            // A body that was announced does not come, and the server may wait for it.
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            patience.CancelAfter(TimeSpan.FromSeconds(30));
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, cancel);
            var stream = client.GetStream();
            var answer = new StringBuilder();
            try
            {
                await stream.WriteAsync(request, patience.Token);
                var buffer = new byte[16 * 1024];
                for (int n; answer.Length < 256 * 1024 && (n = await stream.ReadAsync(buffer, patience.Token)) > 0;)
                {
                    answer.Append(Encoding.Latin1.GetString(buffer, 0, n));
                }
            }
            catch (Exception e) when (e is IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                // The server closed a connection that it could not use, or waits: without a status it is counted as 0.
            }

            return answer.ToString();
        }
    }
}
