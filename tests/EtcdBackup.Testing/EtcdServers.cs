using Etcdserverpb;
using Grpc.Net.Client;

namespace EtcdBackup.Testing;

/// <summary>A real etcd cluster on loopback.</summary>
public sealed partial class EtcdServers : IAsyncDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly EtcdOptions _options;
    private readonly int[] _clientPorts;
    private readonly int[] _peerPorts;
    private readonly string[] _dataDirectories;
    private readonly ChildProcess?[] _members;
    private string _token = "test-" + Guid.NewGuid().ToString("N");

    private EtcdServers(EtcdOptions options)
    {
        _options = options;
        var ports = Workspace.FreePorts(options.Members * 2);
        _clientPorts = ports[..options.Members];
        _peerPorts = ports[options.Members..];
        _members = new ChildProcess?[options.Members];
        _dataDirectories = [.. Enumerable.Range(0, options.Members).Select(i => _directory[$"m{i}"])];
    }

    public IReadOnlyList<string> Endpoints => [.. _clientPorts.Select(p => $"{Scheme}://127.0.0.1:{p}")];

    /// <summary>Whether <see cref="EnableAuthAsync"/> was called.</summary>
    public bool Authenticated { get; private set; }

    public int Count => _members.Length;

    private string Scheme => _options.Tls is null ? "http" : "https";

    public static Task<EtcdServers> StartAsync(string suite = "forky", int members = 1) =>
        StartAsync(new EtcdOptions { Suite = suite, Members = members });

    public static async Task<EtcdServers> StartAsync(EtcdOptions options)
    {
        var servers = new EtcdServers(options);
        for (var i = 0; i < options.Members; i++)
        {
            servers.StartMember(i);
        }

        await servers.WaitHealthyAsync();
        return servers;
    }

    public ChildProcess Member(int i) => _members[i] ?? throw new InvalidOperationException($"member {i} is stopped");

    public async Task KillAsync(int i)
    {
        await _members[i]!.DisposeAsync();
        _members[i] = null;
    }

    /// <summary>Stops a member so that all it has is in its database file.</summary>
    public async Task StopMemberAsync(int i)
    {
        Member(i).Signal("TERM");
        await Member(i).WaitForExitAsync();
        await KillAsync(i);
    }

    public string DatabaseOf(int i) => Path.Combine(_dataDirectories[i], "member/snap/db");

    public ulong MemberId(int i)
    {
        using var channel = Channel(i);
        return new Maintenance.MaintenanceClient(channel).Status(new StatusRequest()).Header.MemberId;
    }

    public void StartMember(int i)
    {
        var client = $"{Scheme}://127.0.0.1:{_clientPorts[i]}";
        var peer = $"http://127.0.0.1:{_peerPorts[i]}";
        var suite = _options.Suites.Count > 0 ? _options.Suites[i] : _options.Suite;
        _members[i] = ChildProcess.Start(Workspace.EtcdTool(suite, "etcd"),
        [
            "--name", $"m{i}", "--data-dir", _dataDirectories[i],
            "--listen-client-urls", _options.Socket == "" ? client : $"{client},unix://{_options.Socket}",
            "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", InitialCluster(), "--initial-cluster-token", _token,
            "--logger", "zap", "--log-level", "error",
            .. _options.Tls?.Server ?? [], .. _options.Arguments,
        ]);
    }

    public Task WaitHealthyAsync() => Workspace.UntilAsync(async () =>
    {
        for (var i = 0; i < Count; i++)
        {
            if (_members[i] is { HasExited: true } dead)
            {
                throw new InvalidOperationException($"etcd member {i} ended: {dead.Output}");
            }
        }

        try
        {
            await CtlAsync("endpoint", "health");
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }, "etcd becomes healthy");

    /// <summary>Runs etcdctl against the members that run.</summary>
    public Task<string> CtlAsync(params IEnumerable<string> arguments)
    {
        var running = Enumerable.Range(0, Count).Where(i => _members[i] is not null).Select(i => Endpoints[i]);
        return ChildProcess.RunAsync(
            "env", ["ETCDCTL_API=3", Workspace.EtcdTool(_options.Suite, "etcdctl"), "--endpoints", string.Join(',', running),
            .. _options.Tls?.Client ?? [], .. arguments]);
    }

    /// <summary>The generated client of member <paramref name="i"/>, for plain clusters.</summary>
    public GrpcChannel Channel(int i = 0) => GrpcChannel.ForAddress(Endpoints[i], new GrpcChannelOptions { MaxReceiveMessageSize = null });

    /// <summary>Makes a root user with the password and switches authentication on.</summary>
    public async Task EnableAuthAsync(string password)
    {
        await CtlAsync("user", "add", $"root:{password}");
        await CtlAsync("user", "grant-role", "root", "root");
        await CtlAsync("auth", "enable");
        Authenticated = true;
    }

    public async Task<long> RevisionAsync(int i = 0)
    {
        using var channel = Channel(i);
        return (await new Maintenance.MaintenanceClient(channel).StatusAsync(new StatusRequest())).Header.Revision;
    }

    /// <summary>What a member says of all that it holds at a revision.</summary>
    public async Task<uint> HashKvAsync(long revision, int i = 0)
    {
        using var channel = Channel(i);
        return (await new Maintenance.MaintenanceClient(channel).HashKVAsync(new HashKVRequest { Revision = revision })).Hash;
    }

    /// <summary>Index of the member that leads.</summary>
    public async Task<int> LeaderAsync()
    {
        for (var i = 0; i < Count; i++)
        {
            using var channel = Channel(i);
            var status = await new Maintenance.MaintenanceClient(channel).StatusAsync(new StatusRequest());
            if (status.Leader == status.Header.MemberId)
            {
                return i;
            }
        }

        throw new InvalidOperationException("no member leads");
    }

    /// <summary>
    /// Stops the cluster and restores it in place from a backup, with the same token and peer URLs: the cluster id stays.
    /// </summary>
    public async Task RestoreInPlaceAsync(string backup, params string[] arguments)
    {
        for (var i = 0; i < Count; i++)
        {
            if (_members[i] is not null)
            {
                await KillAsync(i);
            }

            _dataDirectories[i] = _directory[$"m{i}-{Guid.NewGuid():N}"];
            await ChildProcess.RunAsync(Workspace.EtcdTool("forky", "etcdutl"), [ "snapshot", "restore", backup,
                "--name", $"m{i}", "--data-dir", _dataDirectories[i], "--initial-cluster", InitialCluster(), "--initial-cluster-token",
                    _token,
                "--initial-advertise-peer-urls", $"http://127.0.0.1:{_peerPorts[i]}", .. arguments]);
        }

        for (var i = 0; i < Count; i++)
        {
            StartMember(i);
        }

        await WaitHealthyAsync();
    }

    /// <summary>Makes an empty cluster at the same addresses.</summary>
    /// <param name="keepsToken">Whether the token stays, and so the ids of cluster and members.</param>
    public async Task RecreateAsync(bool keepsToken = false)
    {
        _token = keepsToken ? _token : "test-" + Guid.NewGuid().ToString("N");
        for (var i = 0; i < Count; i++)
        {
            await KillAsync(i);
            _dataDirectories[i] = _directory[$"m{i}-{Guid.NewGuid():N}"];
        }

        for (var i = 0; i < Count; i++)
        {
            StartMember(i);
        }

        await WaitHealthyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
        {
            if (member is not null)
            {
                await member.DisposeAsync();
            }
        }

        _directory.Dispose();
    }

    private string InitialCluster() => string.Join(',', _peerPorts.Select((p, i) => $"m{i}=http://127.0.0.1:{p}"));
}
