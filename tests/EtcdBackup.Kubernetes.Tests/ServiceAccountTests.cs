using System.Net;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;
using k8s;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Tests;

/// <summary>Service accounts log in with tokens that the API server issued.</summary>
public sealed class ServiceAccountTests(KubeFixture kube)
{
    private const string Audience = "etcd-backup";

    [Fact]
    public async Task A_service_account_logs_in_with_a_token_for_this_service_and_with_no_other()
    {
        var (ours, theirs) = (await kube.NamespaceAsync(), await kube.NamespaceAsync());
        await using var service = new ServiceProcess().WithDashboard();
        // The service reads the keys with what is mounted in its pod: a token for the API server itself, and who vouches for that.
        await File.WriteAllTextAsync(service["token"], await TokenAsync(ours, "etcd-backup", KubeApiServer.Issuer));
        service.Config["Http"]!["Jwt"] = new JsonArray(new JsonObject
        {
            ["Issuer"] = KubeApiServer.Issuer,
            ["Audience"] = Audience,
            ["Authority"] = kube.Server.Url,
            ["CaFile"] = kube.Server.CaFile,
            ["TokenFile"] = service["token"],
            ["Grants"] = new JsonArray(new JsonObject
            {
                ["Claim"] = "sub",
                ["Value"] = $"system:serviceaccount:{ours}:*",
                ["Grants"] = new JsonArray("status"),
            }),
        });
        await service.StartAsync(waitReady: false);
        await Workspace.UntilAsync(async () => await CodeAsync(service, "/readyz", null) == HttpStatusCode.OK, "the service is ready");

        Assert.Equal(HttpStatusCode.OK, await CodeAsync(service, "/v1/clusters", await TokenAsync(ours, "ci", Audience)));
        Assert.Equal(HttpStatusCode.Forbidden, await CodeAsync(service, "/dashboard/", await TokenAsync(ours, "ci2", Audience)));
        Assert.Equal(HttpStatusCode.Forbidden, await CodeAsync(service, "/v1/clusters", await TokenAsync(theirs, "ci", Audience)));
        var ofServer = await TokenAsync(ours, "ci3", KubeApiServer.Issuer);
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(service, "/v1/clusters", ofServer));
        Assert.Equal(HttpStatusCode.Unauthorized, await CodeAsync(service, "/v1/clusters", null));
        Assert.Contains($"caller=system:serviceaccount:{theirs}:ci via=jwt:", service.Output, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> CodeAsync(ServiceProcess service, string path, string? token)
    {
        try
        {
            using var answer = await service.GetAsync(path, token: token);
            return answer.StatusCode;
        }
        catch (HttpRequestException) when (!service.Process.HasExited)
        {
            return default;
        }
    }

    private async Task<string> TokenAsync(string ns, string account, string audience)
    {
        await kube.Admin.CoreV1.CreateNamespacedServiceAccountAsync(
            new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = account } }, ns);
        var spec = new V1TokenRequestSpec { Audiences = [audience], ExpirationSeconds = 3600 };
        var request = new Authenticationv1TokenRequest { Spec = spec };
        return (await kube.Admin.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, account, ns)).Status.Token;
    }
}
