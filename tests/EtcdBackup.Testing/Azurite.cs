namespace EtcdBackup.Testing;

/// <summary>The emulator of Azure Blob Storage, brought by scripts/fetch-servers.</summary>
public sealed class Azurite : TestServer
{
    // The emulator's account, the same everywhere.
    public const string Account = "devstoreaccount1";
    public const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly HttpClient _client = new();

    private Azurite()
    {
    }

    public string Endpoint => $"http://127.0.0.1:{Port}/{Account}";

    protected override (string File, string[] Arguments) Command => (
        "node",
        [Path.Combine(Workspace.Cache, "azurite/node_modules/azurite/dist/src/blob/main.js"), "--blobHost", "127.0.0.1", "--blobPort",
            $"{Port}", "--location", Directory.Path, "--skipApiVersionCheck", "--disableTelemetry", "--silent"]);

    public static async Task<Azurite> StartAsync()
    {
        var server = new Azurite();
        await server.UpAsync();
        return server;
    }

    /// <summary>A secret directory as Kubernetes mounts it.</summary>
    public static void WriteSecret(string directory)
    {
        System.IO.Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "storage-account"), Account + "\n");
        File.WriteAllText(Path.Combine(directory, "storage-key"), Key + "\n");
    }

    public override async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await base.DisposeAsync();
    }

    protected override async Task<bool> AnswersAsync()
    {
        using var answer = await _client.GetAsync(Endpoint);
        return true;
    }
}
