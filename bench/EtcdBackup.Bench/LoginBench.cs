using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <summary>What a login adds to a request.</summary>
internal static class LoginBench
{
    private const string Token = "token-of-the-bench";
    private const string Issuer = "https://issuer.test";
    private const string Audience = "etcd-backup";

    public static async Task RunAsync(int requests)
    {
        using var issuer = new TestIssuer(Issuer);
        await using var etcd = await EtcdServers.StartAsync();
        await using var open = await new ServiceProcess().With(ServiceProcess.Cluster("bench", etcd.Endpoints)).StartAsync();
        await using var closed = new ServiceProcess().With(ServiceProcess.Cluster("bench", etcd.Endpoints));
        var others = Enumerable.Range(0, 200).Select(i => TokenLine.Of($"other{i}", $"other-{i}", "status@none/*"));
        await File.WriteAllLinesAsync(closed["tokens"], others.Append(TokenLine.Of("bench", Token, "*")));
        await File.WriteAllTextAsync(closed["jwks"], issuer.Jwks);
        closed.Config["Http"]!["TokenFile"] = closed["tokens"];
        closed.Config["Http"]!["Jwt"] = new JsonArray(new JsonObject
        {
            ["Issuer"] = Issuer,
            ["Audience"] = Audience,
            ["JwksFile"] = closed["jwks"],
            ["Grants"] = new JsonArray(new JsonObject { ["Claim"] = "sub", ["Value"] = "bench", ["Grants"] = new JsonArray("*") }),
        });
        await closed.StartAsync(waitReady: false);
        var jwt = issuer.Sign(issuer.Claims("bench", Audience));
        var ways = new (string Name, ServiceProcess Service, string? Token)[]
        {
            ("no login", open, null), ("a token of 201 in the file", closed, Token), ("a JSON web token", closed, jwt),
        };
        await Workspace.UntilAsync(async () => await StatusAsync(closed, Token) && await StatusAsync(closed, jwt), "who logs in is let in");

        var times = ways.ToDictionary(w => w.Name, _ => new List<double>());
        for (var i = 0; i < requests * 2; i++)
        {
            foreach (var (name, service, token) in ways)
            {
                var watch = Stopwatch.StartNew();
                if (!await StatusAsync(service, token))
                {
                    throw new InvalidOperationException($"{name}: refused");
                }

                // The first half warms up.
                if (i >= requests)
                {
                    times[name].Add(watch.Elapsed.TotalMilliseconds);
                }
            }
        }

        Console.WriteLine($"GET /v1/status, {requests} of each in turn, one after the other; milliseconds.");
        Console.WriteLine($"{"",-28} {"median",8} {"p99",8}   median more than without");
        foreach (var (name, _, _) in ways)
        {
            var sorted = times[name].Order().ToArray();
            var more = sorted[requests / 2] - times["no login"].Order().ElementAt(requests / 2);
            var (median, p99) = (sorted[requests / 2], sorted[requests * 99 / 100]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-28} {median,8:0.000} {p99,8:0.000}   {more,8:0.000}"));
        }
    }

    private static async Task<bool> StatusAsync(ServiceProcess service, string? token)
    {
        try
        {
            using var answer = await service.GetAsync("/v1/status", token: token);
            return answer.IsSuccessStatusCode && await answer.Content.ReadAsByteArrayAsync() is { Length: > 0 };
        }
        catch (HttpRequestException) when (!service.Process.HasExited)
        {
            return false;
        }
    }
}
