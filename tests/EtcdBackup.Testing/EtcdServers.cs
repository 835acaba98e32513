using System.Globalization;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Net.Client;

namespace EtcdBackup.Testing;

/// <summary>How to start a cluster.</summary>
public sealed record EtcdOptions
{
    /// <summary>Debian's suite that the server comes from: bookworm 3.4, trixie 3.5.16, forky 3.5.30.</summary>
    public string Suite { get; init; } = "forky";

    public int Members { get; init; } = 1;

    /// <summary>The suite of each member, while a cluster is upgraded; empty: all are of <see cref="Suite"/>.</summary>
    public IReadOnlyList<string> Suites { get; init; } = [];

    /// <summary>TLS of the client side; null: plain.</summary>
    public TlsArguments? Tls { get; init; }

    /// <summary>The path of a socket at which the only member listens too; empty: none.</summary>
    public string Socket { get; init; } = "";

    public IReadOnlyList<string> Arguments { get; init; } = [];
}

/// <summary>A real etcd cluster on loopback.</summary>
public sealed class EtcdServers : IAsyncDisposable
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

    /// <summary>Writes keys <c>PREFIX/0</c> … with values of so many bytes.</summary>
    public async Task PutAsync(string prefix, int count, int valueBytes = 16, int seed = 1)
    {
        using var channel = Channel();
        var client = new KV.KVClient(channel);
        var random = new Random(seed);
        var value = new byte[valueBytes];
        for (var i = 0; i < count; i++)
        {
            random.NextBytes(value);
            await client.PutAsync(
                new PutRequest
                {
                    Key = ByteString.CopyFromUtf8(string.Create(CultureInfo.InvariantCulture, $"{prefix}/{i}")),
                    Value = ByteString.CopyFrom(value)
                });
        }
    }

    /// <summary>Writes so many small keys, a hundred in a transaction.</summary>
    public async Task PutManyAsync(string prefix, int count, int valueBytes = 16)
    {
        using var channel = Channel();
        var client = new KV.KVClient(channel);
        var random = new Random(1);
        var value = new byte[valueBytes];
        foreach (var chunk in Enumerable.Range(0, count).Chunk(100))
        {
            var transaction = new TxnRequest();
            foreach (var i in chunk)
            {
                random.NextBytes(value);
                transaction.Success.Add(
                    new RequestOp
                    {
                        RequestPut =
                    new PutRequest { Key = ByteString.CopyFromUtf8($"{prefix}/{i}"), Value = ByteString.CopyFrom(value) }
                    });
            }

            await client.TxnAsync(transaction);
        }
    }

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

    /// <summary>All keys with their values and revisions, as text to compare.</summary>
    public async Task<string> DumpAsync()
    {
        using var channel = Channel();
        var range = await new KV.KVClient(channel)
            .RangeAsync(new RangeRequest { Key = ByteString.CopyFrom(0), RangeEnd = ByteString.CopyFrom(0) });
        return string.Join('\n',
            range.Kvs.Select(kv =>
            $"{kv.Key.ToStringUtf8()} {kv.CreateRevision} {kv.ModRevision} {kv.Version} {Convert.ToHexString(
            System.Security.Cryptography.SHA256.HashData(kv.Value.Span))}"));
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
