using System.Globalization;
using EtcdBackup.Bench;
using EtcdBackup.Bench.Picture;

int Number(int index, int otherwise) => args.Length > index ? int.Parse(args[index], CultureInfo.InvariantCulture) : otherwise;

switch (args.FirstOrDefault())
{
    case "snapshot":
        await SnapshotBench.RunAsync(megabytes: Number(1, 1024), rounds: Number(2, 7));
        return 0;
    case "inspect":
        await InspectBench.RunAsync(args[1], megabytes: Number(2, 1024), rounds: Number(3, 5));
        return 0;
    case "cut":
        await CutBench.RunAsync(args[1], megabytes: Number(2, 1024), rounds: Number(3, 5));
        return 0;
    case "make":
        await MakeBench.RunAsync(args[1], megabytes: Number(2, 1024), rounds: Number(3, 5));
        return 0;
    case "stores":
        await StoresBench.RunAsync(megabytes: Number(1, 1024), rounds: Number(2, 5), lineMegabytes: Number(3, 0));
        return 0;
    case "scale" when args.Length > 1 && args[1] == "silos":
        await ScaleBench.SilosAsync(clusters: Number(2, 10_000));
        return 0;
    case "scale":
        await ScaleBench.RunAsync(clusters: Number(1, 10_000), seconds: Number(2, 300));
        return 0;
    case "log":
        await LogBench.RunAsync(what: args.ElementAtOrDefault(1) ?? "", number: Number(2, 0));
        return 0;
    case "metrics":
        await MetricsBench.RunAsync(clusters: Number(1, 10_000));
        return 0;
    case "dashboard-picture":
        await DashboardPicture.RunAsync(seconds: Number(1, 420), args[2]);
        return 0;
    case "status":
        await StatusBench.RunAsync(backups: Number(1, 3000));
        return 0;
    case "download":
        await DownloadBench.RunAsync(megabytes: Number(1, 512), rounds: Number(2, 7));
        return 0;
    case "login":
        await LoginBench.RunAsync(requests: Number(1, 2000));
        return 0;
    case "cli":
        await CliBench.RunAsync(args[1], rounds: Number(2, 30));
        return 0;
    case "fuzz":
        return await FuzzSnapshots.RunAsync(seconds: Number(1, 60), seed: Number(2, Random.Shared.Next()));
    case "fuzz-http":
        return await FuzzHttp.RunAsync(requests: Number(1, 20_000), seed: Number(2, Random.Shared.Next()));
    default:
        Console.Error.WriteLine("""
            usage: bench/snapshot [MIB [ROUNDS]], bench/inspect [MIB [ROUNDS]], bench/cut [MIB [ROUNDS]],
              bench/make [MIB [ROUNDS]], bench/stores [MIB [ROUNDS [LINE_MIB_PER_SECOND]]], bench/download [MIB [ROUNDS]],
              bench/login [REQUESTS], bench/status [BACKUPS], bench/scale [CLUSTERS [SECONDS]], bench/scale silos [CLUSTERS],
              bench/metrics [CLUSTERS], bench/cli [ROUNDS],
              bench/dashboard-picture [SECONDS [FILE]], bench/fuzz [SECONDS [SEED]], bench/fuzz-http [REQUESTS [SEED]]
            """);
        return 64;
}
