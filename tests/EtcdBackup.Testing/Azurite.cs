namespace EtcdBackup.Testing;

/// <summary>The emulator of Azure Blob Storage, brought by scripts/fetch-servers.</summary>
public sealed class Azurite : IAsyncDisposable
{
    // The emulator's account, the same everywhere.
    public const string Account = "devstoreaccount1";
    public const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly ScratchDirectory _directory = new();
    private readonly int _port = Workspace.FreePorts(1)[0];
    private ChildProcess? _process;

    private Azurite()
    {
    }

    public string Endpoint => $"http://127.0.0.1:{_port}/{Account}";

    public static async Task<Azurite> StartAsync()
    {
        var server = new Azurite();
        var program = Path.Combine(Workspace.Cache, "azurite/node_modules/azurite/dist/src/blob/main.js");
        server._process = ChildProcess.Start(
            "node", [program, "--blobHost", "127.0.0.1", "--blobPort", $"{server._port}", "--location", server._directory.Path,
            "--skipApiVersionCheck", "--disableTelemetry", "--silent"]);
        using var client = new HttpClient();
        await Workspace.UntilAsync(async () =>
        {
            if (server._process.HasExited)
            {
                throw new InvalidOperationException($"azurite ended: {server._process.Output}");
            }

            try
            {
                await client.GetAsync(server.Endpoint);
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "azurite answers");
        return server;
    }

    /// <summary>A secret directory as Kubernetes mounts it.</summary>
    public static void WriteSecret(string directory)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "storage-account"), Account + "\n");
        File.WriteAllText(Path.Combine(directory, "storage-key"), Key + "\n");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _directory.Dispose();
    }
}
