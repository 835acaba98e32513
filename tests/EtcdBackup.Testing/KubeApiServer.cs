using System.Security.Cryptography;
using System.Text.Json;

namespace EtcdBackup.Testing;

/// <summary>A real kube-apiserver on a real etcd, built by scripts/fetch-kube-apiserver: RBAC on, tokens from a file.</summary>
public sealed class KubeApiServer : TestServer
{
    /// <summary>The issuer of the tokens of service accounts.</summary>
    public const string Issuer = "https://kubernetes.default.svc";

    private const string AdminToken = "admin-token";

    private readonly EtcdServers _etcd;

    private KubeApiServer(EtcdServers etcd) => _etcd = etcd;

    public string Url => $"https://127.0.0.1:{Port}";

    /// <summary>A kubeconfig of somebody who may do everything.</summary>
    public string AdminConfig => Config("admin", AdminToken);

    /// <summary>Who vouches for the server (PEM).</summary>
    public string CaFile => Directory["certs/apiserver.crt"];

    public static string Program => Path.Combine(Workspace.Cache, "kubernetes/kube-apiserver");

    public static async Task<KubeApiServer> StartAsync()
    {
        var server = new KubeApiServer(await EtcdServers.StartAsync("bookworm"));
        using (var rsa = RSA.Create(2048))
        {
            await File.WriteAllTextAsync(server.Directory["sa.pem"], rsa.ExportRSAPrivateKeyPem());
        }

        await File.WriteAllTextAsync(
            server.Directory["audit.yaml"],
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [ResponseStarted, ResponseComplete, Panic]\n" +
                "rules: [ { level: Metadata } ]\n");
        await File.WriteAllTextAsync(server.Directory["tokens.csv"], $"{AdminToken},admin,1,system:masters\n");
        await server.UpAsync();
        return server;
    }

    /// <summary>
    /// A kubeconfig for a user; one other than the admin has no rights until somebody grants them. Takes effect with the next start.
    /// </summary>
    public string AddUser(string name)
    {
        File.AppendAllText(Directory["tokens.csv"], $"{name}-token,{name},{name}\n");
        return Config(name, name + "-token");
    }

    /// <summary>Applies the definitions of k8s/crd, and waits until the server knows them.</summary>
    public async Task ApplyDefinitionsAsync()
    {
        using var client = Client(out var handler);
        using (handler)
        {
            foreach (var file in System.IO.Directory.GetFiles(Path.Combine(Workspace.Root, "k8s/crd"), "*.yaml")
                .Where(f => !f.EndsWith("/kustomization.yaml", StringComparison.Ordinal)))
            {
                using var body = new StringContent(await File.ReadAllTextAsync(file), System.Text.Encoding.UTF8, "application/yaml");
                (await client.PostAsync(Url + "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body)).EnsureSuccessStatusCode();
            }

            foreach (var resource in new[] { "etcdbackup.dev/v1/silomemberships", "etcdbackup.dev/v1/etcdbackuppolicies",
                "etcd.database.coreos.com/v1beta2/etcdclusters" })
            {
                await Workspace.UntilAsync(
                    async () => (await client.GetAsync($"{Url}/apis/{resource}")).IsSuccessStatusCode, $"{resource} is established");
            }
        }
    }

    /// <summary>What a user asked of the server so far, each as verb and path.</summary>
    public IReadOnlyList<string> RequestsOf(string user)
    {
        using var log = new StreamReader(new FileStream(Directory["audit.log"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. log.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)
            .Where(e => e.GetProperty("user").GetProperty("username").GetString() == user)
                .Select(e => $"{e.GetProperty("verb").GetString()} {e.GetProperty("requestURI").GetString()}")];
    }

    public override async ValueTask DisposeAsync()
    {
        await DownAsync();
        await _etcd.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override (string File, string[] Arguments) Command => (Program, [
        "--etcd-servers", _etcd.Endpoints[0], "--bind-address", "127.0.0.1", "--secure-port", $"{Port}", "--cert-dir", Directory["certs"],
        "--service-account-issuer", Issuer, "--service-account-jwks-uri", Url + "/openid/v1/jwks",
        "--service-account-key-file", Directory["sa.pem"],
        "--service-account-signing-key-file", Directory["sa.pem"], "--token-auth-file", Directory["tokens.csv"],
        "--authorization-mode", "RBAC", "--disable-admission-plugins", "ServiceAccount", "--audit-policy-file", Directory["audit.yaml"],
        "--audit-log-path", Directory["audit.log"], "--service-cluster-ip-range", "10.0.0.0/24",
    ]);

    protected override async Task<bool> AnswersAsync()
    {
        using var client = Client(out var handler);
        using var disposed = handler;
        return (await client.GetAsync(Url + "/readyz")).IsSuccessStatusCode &&
            (await client.GetAsync(Url + "/api/v1/namespaces/default")).IsSuccessStatusCode;
    }

    private static HttpClient Client(out HttpClientHandler handler)
    {
        handler = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback =
            HttpClientHandler.DangerousAcceptAnyServerCertificateValidator
        };
        return new HttpClient(handler) { DefaultRequestHeaders = { Authorization = new("Bearer", AdminToken) } };
    }

    private string Config(string user, string token)
    {
        var file = Directory[user.Replace(':', '_') + ".kubeconfig"];
        File.WriteAllText(file, $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters: [ { name: test, cluster: { server: "{{Url}}", insecure-skip-tls-verify: true } } ]
            users: [ { name: "{{user}}", user: { token: "{{token}}" } } ]
            contexts: [ { name: test, context: { cluster: test, user: "{{user}}", namespace: default } } ]
            """);
        return file;
    }
}
