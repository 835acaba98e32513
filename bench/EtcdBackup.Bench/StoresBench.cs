using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.S3;
using Amazon.S3.Transfer;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <summary>
/// A backup to S3 against its two halves, one after the other: a backup to a local file, and that file uploaded with the SDK.
/// </summary>
internal static class StoresBench
{
    private const string Bucket = "bench";

    public static async Task RunAsync(int megabytes, int rounds, int lineMegabytes)
    {
        await using var s3 = await RadosGateway.StartAsync(collectAtOnce: true);
        using var line = new FaultProxy(s3.Endpoint);
        if (lineMegabytes > 0)
        {
            line.OnClientBytes = Line(lineMegabytes * 1024.0 * 1024);
        }

        var endpoint = lineMegabytes > 0 ? line.Url : s3.Endpoint;
        await using var etcd = await EtcdServers.StartAsync(
            new EtcdOptions { Arguments = ["--quota-backend-bytes", "8589934592", "--snapshot-count", "1000"] });
        Console.WriteLine($"Filling etcd with {megabytes} MiB ...");
        await etcd.PutAsync("/bench", megabytes, 1024 * 1024);

        using var client = new AmazonS3Client(RadosGateway.AccessKey, RadosGateway.SecretKey, new AmazonS3Config
        {
            ServiceURL = endpoint,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            RequestChecksumCalculation = Amazon.Runtime.RequestChecksumCalculation.WHEN_REQUIRED,
        });
        await client.PutBucketAsync(Bucket);
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("local", etcd.Endpoints, 86_400, maxBackups: 1));
        string[] remote = ["one", "two", "three", "four"];
        service.With(S3Cluster(remote[0]));
        service.Config["Backups"]!["SecretsDirectory"] = service["secrets"];
        RadosGateway.WriteSecret(service["secrets/aws"]);
        await service.StartAsync();
        await FirstBackupsAsync(2);

        var toS3 = new List<Cost>();
        var toFile = new List<Cost>();
        var upload = new List<Cost>();
        for (var round = 0; round < rounds; round++)
        {
            await etcd.CtlAsync("put", "/round", round.ToString(CultureInfo.InvariantCulture));
            toFile.Add(await BackupAsync("local"));
            upload.Add(await UploadAsync(Directory.GetFiles(service.BackupDirectory, "*_etcd.backup", SearchOption.AllDirectories)
                .MaxBy(File.GetLastWriteTimeUtc)!));
            toS3.Add(await BackupAsync("one"));
        }

        var speed = lineMegabytes > 0 ? $"takes {lineMegabytes} MiB a second" : "is the loopback";
        Console.WriteLine(
            $"{megabytes} MiB of values, {rounds} rounds, all on one machine: etcd, the RADOS Gateway with its store in memory, the " +
            $"service. S3 over plain HTTP, so each part is signed with its SHA-256. The line to S3 {speed}.");
        Console.WriteLine($"{"",-52} {"min",8} {"median",8} {"max",8}");
        Print("backup to a local file, wall s", toFile.Select(c => c.WallSeconds));
        Print("upload of that file with the SDK, wall s", upload.Select(c => c.WallSeconds));
        Print("backup to S3, wall s", toS3.Select(c => c.WallSeconds));
        Print("backup to S3 / the slower of the two, wall",
            toS3.Select((c, i) => c.WallSeconds / Math.Max(toFile[i].WallSeconds, upload[i].WallSeconds)));
        Print("backup to S3 / both, wall", toS3.Select((c, i) => c.WallSeconds / (toFile[i].WallSeconds + upload[i].WallSeconds)));
        Print("backup to a local file, share of the machine's CPU", toFile.Select(c => c.MachineBusy));
        Print("upload with the SDK, share of the machine's CPU", upload.Select(c => c.MachineBusy));
        Print("backup to S3, share of the machine's CPU", toS3.Select(c => c.MachineBusy));
        Print("backup to a local file, CPU s of the service", toFile.Select(c => c.CpuSeconds));
        Print("upload with the SDK, CPU s of the uploader", upload.Select(c => c.CpuSeconds));
        Print("backup to S3, CPU s of the service", toS3.Select(c => c.CpuSeconds));
        Print("backup to S3, peak MB of the service", toS3.Select(c => c.PeakMegabytes));

        service.With(remote[1..].Select(S3Cluster)).WriteConfig();
        await FirstBackupsAsync(5);
        await etcd.CtlAsync("put", "/round", "all");
        var all = await Measure.ServerAsync(service.Process.Id, () => Task.WhenAll(remote.Select(BackupAsync)));
        Print("four backups to S3 at once, wall s", [all.WallSeconds]);
        Print("four backups to S3 at once, peak MB of the service", [all.PeakMegabytes]);

        Task FirstBackupsAsync(int count) => Workspace.UntilAsync(
            async () => (await service.JsonAsync("/v1/clusters")).EnumerateArray()
                .Count(c => c.TryGetProperty("lastSuccess", out _)) == count, "each cluster has a first backup", seconds: 600);

        Task<Cost> BackupAsync(string name) => Measure.ServerAsync(service.Process.Id, async () =>
            (await service.Client.GetAsync($"/v1/clusters/default/{name}/backupnow")).EnsureSuccessStatusCode());

        Task<Cost> UploadAsync(string file) => Measure.ServerAsync(Environment.ProcessId, async () =>
        {
            using var transfer = new TransferUtility(client);
            await transfer.UploadAsync(file, Bucket, "uploaded");
        });

        JsonObject S3Cluster(string name)
        {
            var cluster = ServiceProcess.Cluster(name, etcd.Endpoints, 86_400, maxBackups: 1);
            cluster["backup"]!["storageType"] = "S3";
            cluster["backup"]!["s3"] =
                new JsonObject { ["s3Bucket"] = Bucket, ["awsSecret"] = "aws", ["endpoint"] = endpoint, ["forcePathStyle"] = true };
            return cluster;
        }
    }

    // One line for all connections, with no more burst than a tenth of a second.
    private static Func<Memory<byte>, long, CancellationToken, Task> Line(double bytesPerSecond)
    {
        var free = TimeSpan.Zero;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var gate = new Lock();
        return (piece, _, stop) =>
        {
            TimeSpan wait;
            lock (gate)
            {
                free = TimeSpan.FromSeconds(
                    Math.Max(free.TotalSeconds, clock.Elapsed.TotalSeconds - 0.1) + (piece.Length / bytesPerSecond));
                wait = free - clock.Elapsed;
            }

            return wait > TimeSpan.FromMilliseconds(5) ? Task.Delay(wait, stop) : Task.CompletedTask;
        };
    }

    private static void Print(string what, IEnumerable<double> values) => Console.WriteLine($"{what,-52} {Measure.Spread(values)}");
}
