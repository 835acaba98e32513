using System.Text.RegularExpressions;
using Etcdserverpb;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdBackup.Testing;

/// <summary>A learner of a cluster: it has all data, and does not vote.</summary>
public sealed partial class EtcdLearner : IAsyncDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly ChildProcess _process;

    private EtcdLearner(string suite, string endpoint, string peer, string cluster)
    {
        Endpoint = endpoint;
        _process = ChildProcess.Start(Workspace.EtcdTool(suite, "etcd"),
        [
            "--name", "learner", "--data-dir", _directory["data"], "--listen-client-urls", endpoint, "--advertise-client-urls", endpoint,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", cluster,
            "--initial-cluster-state", "existing", "--logger", "zap", "--log-level", "error",
        ]);
    }

    /// <summary>Its client URL.</summary>
    public string Endpoint { get; }

    /// <summary>Adds one to a cluster, and waits until it has all that the cluster has.</summary>
    public static async Task<EtcdLearner> StartAsync(EtcdServers etcd, string suite = "forky")
    {
        var ports = Workspace.FreePorts(2);
        var peer = $"http://127.0.0.1:{ports[1]}";
        var answer = await etcd.CtlAsync("member", "add", "learner", "--learner", "--peer-urls", peer);
        var learner = new EtcdLearner(suite, $"http://127.0.0.1:{ports[0]}", peer, InitialCluster().Match(answer).Groups[1].Value);
        await learner.UntilAtAsync(await etcd.RevisionAsync());
        return learner;
    }

    /// <summary>Waits until it has a revision.</summary>
    public Task UntilAtAsync(long revision) => Workspace.UntilAsync(async () =>
    {
        using var channel = GrpcChannel.ForAddress(Endpoint);
        try
        {
            return (await new Maintenance.MaintenanceClient(channel).StatusAsync(new StatusRequest())).Header.Revision >= revision;
        }
        catch (RpcException)
        {
            return false;
        }
    }, "the learner has all");

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    [GeneratedRegex("ETCD_INITIAL_CLUSTER=\"([^\"]+)\"")]
    private static partial Regex InitialCluster();
}
