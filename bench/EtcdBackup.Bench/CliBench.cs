using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <summary>Whole commands of the command line, beside etcdctl.</summary>
internal static class CliBench
{
    public static async Task RunAsync(string program, int rounds)
    {
        await using var etcd = await EtcdServers.StartAsync();
        await using var service = await new ServiceProcess().With(ServiceProcess.Cluster("bench", etcd.Endpoints)).StartAsync();
        await service.JsonAsync("/v1/backupnow");
        var address = service.Client.BaseAddress!.ToString();
        var etcdctl = Workspace.EtcdTool("forky", "etcdctl");
        var commands = new (string Name, string File, string[] Arguments)[]
        {
            ("etcdbackup --help", program, ["--help"]),
            ("etcdbackup status", program, ["status", "--address", address]),
            ("etcdbackup list", program, ["list", "--address", address]),
            ("etcdctl endpoint status", etcdctl, ["--endpoints", etcd.Endpoints[0], "endpoint", "status"]),
        };
        var times = commands.ToDictionary(c => c.Name, _ => new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var (name, file, arguments) in commands)
            {
                var cost = await Measure.CommandAsync(file, arguments);

                // The first round warms up.
                if (round > 0)
                {
                    times[name].Add(cost.WallSeconds * 1000);
                }
            }
        }

        Console.WriteLine($"Whole commands with their start, {rounds} of each in turn; milliseconds.");
        Console.WriteLine($"{"",-28} {"min",8} {"median",8} {"max",8}");
        foreach (var (name, _, _) in commands)
        {
            Console.WriteLine($"{name,-28} {Measure.Spread(times[name])}");
        }
    }
}
