using System.Security.Cryptography;
using System.Text.Json;

namespace EtcdBackup.Testing;

/// <summary>A real kube-apiserver on a real etcd, built by scripts/fetch-kube-apiserver: RBAC on, tokens from a file.</summary>
public sealed class KubeApiServer : IAsyncDisposable
{
    private const string AdminToken = "admin-token";

    private readonly ScratchDirectory _directory = new();
    private readonly int _port = Workspace.FreePorts(1)[0];
    private EtcdServers? _etcd;
    private ChildProcess? _process;

    private KubeApiServer()
    {
    }

    public string Url => $"https://127.0.0.1:{_port}";

    /// <summary>A kubeconfig of somebody who may do everything.</summary>
    public string AdminConfig => Config("admin", AdminToken);

    public static string Program => Path.Combine(Workspace.Cache, "kubernetes/kube-apiserver");

    public static async Task<KubeApiServer> StartAsync()
    {
        var server = new KubeApiServer { _etcd = await EtcdServers.StartAsync("bookworm") };
        using (var rsa = RSA.Create(2048))
        {
            await File.WriteAllTextAsync(server._directory["sa.pem"], rsa.ExportRSAPrivateKeyPem());
        }

        await File.WriteAllTextAsync(
            server._directory["audit.yaml"],
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [ResponseStarted, ResponseComplete, Panic]\nrules: [ { level: Metadata } ]\n");
        await File.WriteAllTextAsync(server._directory["tokens.csv"], $"{AdminToken},admin,1,system:masters\n");
        await server.UpAsync();
        return server;
    }

    /// <summary>
    /// A kubeconfig for a user; one other than the admin has no rights until somebody grants them. Takes effect with the next start.
    /// </summary>
    public string AddUser(string name)
    {
        File.AppendAllText(_directory["tokens.csv"], $"{name}-token,{name},{name}\n");
        return Config(name, name + "-token");
    }

    /// <summary>Applies the definitions of k8s/crd, and waits until the server knows them.</summary>
    public async Task ApplyDefinitionsAsync()
    {
        using var client = Client(out var handler);
        using (handler)
        {
            foreach (var file in Directory.GetFiles(Path.Combine(Workspace.Root, "k8s/crd"), "*.yaml")
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
        using var log = new StreamReader(new FileStream(_directory["audit.log"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. log.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)
            .Where(e => e.GetProperty("user").GetProperty("username").GetString() == user)
                .Select(e => $"{e.GetProperty("verb").GetString()} {e.GetProperty("requestURI").GetString()}")];
    }

    public async Task UpAsync()
    {
        _process = ChildProcess.Start(Program, [
            "--etcd-servers", _etcd!.Endpoints[0], "--bind-address", "127.0.0.1", "--secure-port", $"{_port}", "--cert-dir",
                _directory["certs"],
            "--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", _directory["sa.pem"],
                "--service-account-signing-key-file", _directory["sa.pem"],
            "--token-auth-file", _directory["tokens.csv"], "--authorization-mode", "RBAC", "--disable-admission-plugins", "ServiceAccount",
                "--audit-policy-file", _directory["audit.yaml"], "--audit-log-path", _directory["audit.log"], "--service-cluster-ip-range",
                "10.0.0.0/24",
        ]);
        using var client = Client(out var handler);
        using var disposed = handler;
        await Workspace.UntilAsync(async () =>
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"the API server ended: {_process.Output}");
            }

            try
            {
                return (await client.GetAsync(Url + "/readyz")).IsSuccessStatusCode &&
                    (await client.GetAsync(Url + "/api/v1/namespaces/default")).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "the API server answers");
    }

    public async Task DownAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
            _process = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DownAsync();
        if (_etcd is not null)
        {
            await _etcd.DisposeAsync();
        }

        _directory.Dispose();
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
        var file = _directory[user.Replace(':', '_') + ".kubeconfig"];
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
