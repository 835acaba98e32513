using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdBackup.Testing;

/// <summary>The service as its users run it: a process of its own, spoken to over HTTP.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly int[] _siloPorts = Workspace.FreePorts(2);
    private readonly int _port = Workspace.FreePorts(1)[0];
    private ChildProcess? _process;

    public ServiceProcess()
    {
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}"), Timeout = TimeSpan.FromMinutes(10) };
        Config = new JsonObject
        {
            // Tests ask more often than people.
            ["Http"] = new JsonObject { ["Urls"] = $"http://127.0.0.1:{_port}", ["BackupNowPerMinute"] = 0 },
            // It costs a tenth of a start.
            ["Orleans"] = new JsonObject { ["Dashboard"] = false },
            ["DataDirectory"] = _directory["data"],
            ["Backups"] = new JsonObject(),
            ["Clusters"] = new JsonArray(),
        };
    }

    public HttpClient Client { get; }

    /// <summary>The port for other silos, and the one for Orleans clients.</summary>
    public IReadOnlyList<int> SiloPorts => _siloPorts;

    /// <summary>The configuration; write it with <see cref="WriteConfig"/>.</summary>
    public JsonObject Config { get; }

    public string ConfigFile => _directory["config.json"];

    public string BackupDirectory => Config["Backups"]!["Directory"]?.GetValue<string>() ?? _directory["data/backups"];

    public ChildProcess Process => _process ?? throw new InvalidOperationException("the service is not started");

    public string Output => _process?.Output ?? "";

    public string this[string file] => _directory[file];

    public static string ProgramFile
    {
        get
        {
            // the same build as the tests': Debug or Release
            var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
            return Path.Combine(Workspace.Root, $"src/EtcdBackup.Host/bin/{configuration}/net10.0/EtcdBackup.Host.dll");
        }
    }

    /// <summary>A command that runs the service, and becomes it; none: the service alone.</summary>
    public IReadOnlyList<string> Within { get; set; } = [];

    /// <summary>The program; another build's may be set.</summary>
    public string Program { get; set; } = ProgramFile;

    /// <summary>
    /// A cluster's spec, for <see cref="Config"/>. Its own moment in the interval is one of the calendar: in a short one it comes in the
    /// middle of some test.
    /// </summary>
    public static JsonObject Cluster(
        string name, IEnumerable<string> endpoints, int intervalInSecond = 30 * 24 * 3600, int maxBackups = 0,
            string @namespace = "default") => new()
            {
                ["namespace"] = @namespace,
                ["name"] = name,
                ["endpoints"] = new JsonArray([.. endpoints.Select(e => JsonValue.Create(e))]),
                ["backup"] = new JsonObject { ["backupIntervalInSecond"] = intervalInSecond, ["maxBackups"] = maxBackups },
            };

    public ServiceProcess With(params IEnumerable<JsonObject> clusters)
    {
        foreach (var cluster in clusters)
        {
            ((JsonArray)Config["Clusters"]!).Add(cluster);
        }

        return this;
    }

    public ServiceProcess WithDashboard()
    {
        Config["Orleans"]!["Dashboard"] = true;
        return this;
    }

    public void WriteConfig()
    {
        File.WriteAllText(ConfigFile + ".new", Config.ToJsonString());
        File.Move(ConfigFile + ".new", ConfigFile, overwrite: true);
    }

    /// <summary>Starts the process and waits until it is ready and knows its clusters.</summary>
    public async Task<ServiceProcess> StartAsync(bool waitReady = true, IReadOnlyDictionary<string, string>? environment = null)
    {
        WriteConfig();
        var ports = new Dictionary<string,
            string>
        { ["Orleans__SiloPort"] = $"{_siloPorts[0]}", ["Orleans__GatewayPort"] = $"{_siloPorts[1]}" };
        string[] command = [.. Within, "dotnet", Program, "--config", ConfigFile];
        _process = ChildProcess.Start(
            command[0], command[1..], ports.Concat(environment ?? new Dictionary<string, string>()).ToDictionary());
        if (waitReady)
        {
            await UntilReadyAsync();
        }

        return this;
    }

    /// <summary>Waits until it is ready and knows its clusters: ready it is a moment before.</summary>
    public Task UntilReadyAsync() => UntilAsync(Process, async () =>
        (await Client.GetAsync("/readyz")).IsSuccessStatusCode &&
        (await JsonAsync("/v1/clusters")).GetArrayLength() >= ((JsonArray)Config["Clusters"]!).Count(c => c!["backup"] is not null));

    /// <summary>Waits until it says that it is ready. Before, it does not listen yet.</summary>
    /// <param name="process">The process, if it is not that which this fixture started.</param>
    public Task UntilServingAsync(ChildProcess? process = null) =>
        UntilAsync(process ?? Process, async () => (await Client.GetAsync("/readyz")).IsSuccessStatusCode);

    private static Task UntilAsync(ChildProcess process, Func<Task<bool>> isSo) => Workspace.UntilAsync(async () =>
    {
        if (process.HasExited)
        {
            throw new InvalidOperationException($"the service ended with {process.ExitCode}: {process.Output}");
        }

        try
        {
            return await isSo();
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }, "the service becomes ready");

    public async Task KillAsync()
    {
        await Process.DisposeAsync();
        _process = null;
    }

    public async Task<JsonElement> JsonAsync(string path)
    {
        using var response = await Client.GetAsync(path);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement
            : throw new HttpRequestException($"{path}: {(int)response.StatusCode} {text}", null, response.StatusCode);
    }

    /// <summary>A GET with a Host header of its own.</summary>
    public async Task<HttpResponseMessage> GetAsync(string path, string? host = null, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = host;
        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        return await Client.SendAsync(request);
    }

    /// <summary>Sends bytes that no client library would.</summary>
    public async Task<string> RawAsync(string request)
    {
        using var socket = new System.Net.Sockets.TcpClient("127.0.0.1", _port);
        await socket.GetStream().WriteAsync(System.Text.Encoding.Latin1.GetBytes(request));
        using var reader = new StreamReader(socket.GetStream());
        return await reader.ReadToEndAsync();
    }

    /// <summary>Downloads the latest backup into a file.</summary>
    public async Task<string> DownloadAsync(string path = "/v1/backup")
    {
        var file = _directory[Guid.NewGuid().ToString("N") + ".backup"];
        using var response = await Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var target = File.Create(file);
        await response.Content.CopyToAsync(target);
        return file;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        Client.Dispose();
        _directory.Dispose();
    }
}
