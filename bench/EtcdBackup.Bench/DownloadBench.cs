using System.Globalization;
using System.Text.Json.Nodes;
using EtcdBackup.Testing;

namespace EtcdBackup.Bench;

/// <summary>Downloads of one backup, plain and with TLS, beside nginx that serves the same file.</summary>
internal static class DownloadBench
{
    public static async Task RunAsync(int megabytes, int rounds)
    {
        using var certificates = new TestCertificates("localhost");
        using var scratch = new ScratchDirectory();
        await using var etcd = await EtcdServers.StartAsync();
        await etcd.PutAsync("/bench", megabytes, 1024 * 1024);
        await using var service = new ServiceProcess().With(ServiceProcess.Cluster("bench", etcd.Endpoints));
        var ports = Workspace.FreePorts(3);
        service.Config["Http"]!["Urls"] = $"{service.Config["Http"]!["Urls"]};https://127.0.0.1:{ports[0]}";
        service.Config["Http"]!["Tls"] = new JsonObject { ["CertFile"] = certificates.ServerCert, ["KeyFile"] = certificates.ServerKey };
        await service.StartAsync();
        await service.JsonAsync("/v1/backupnow");
        var file = Directory.EnumerateFiles(service.BackupDirectory, "*_etcd.backup", SearchOption.AllDirectories).Single();
        await File.WriteAllTextAsync(scratch["nginx.conf"], Nginx(scratch, Path.GetDirectoryName(file)!, certificates, ports[1], ports[2]));
        await using var nginx = ChildProcess.Start("nginx", ["-c", scratch["nginx.conf"], "-p", scratch.Path]);

        var plain = service.Client.BaseAddress + "v1/backup";
        var name = Path.GetFileName(file);
        var ways = new (string Name, string[] Arguments)[]
        {
            ("service, plain", [plain]),
            ("service, TLS", ["--http1.1", $"https://localhost:{ports[0]}/v1/backup"]),
            ("service, TLS, HTTP/2", ["--http2", $"https://localhost:{ports[0]}/v1/backup"]),
            ("nginx, plain", [$"http://localhost:{ports[1]}/{name}"]),
            ("nginx, TLS", ["--http1.1", $"https://localhost:{ports[2]}/{name}"]),
        };
        await Workspace.UntilAsync(() => Task.FromResult(File.Exists(scratch["nginx.pid"])), "nginx is up");
        var speeds = ways.ToDictionary(w => w.Name, _ => new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var (way, arguments) in ways)
            {
                var told = await ChildProcess.RunAsync("curl", [
                    "-sf", "--cacert", certificates.CaFile, "-o", "/dev/null", "-w", "%{speed_download} %{size_download}", .. arguments]);
                var parts = told.Split(' ');
                if (long.Parse(parts[1], CultureInfo.InvariantCulture) != new FileInfo(file).Length)
                {
                    throw new InvalidOperationException($"{way} gave {parts[1]} bytes of {new FileInfo(file).Length}");
                }

                // The first round warms up.
                if (round > 0)
                {
                    speeds[way].Add(double.Parse(parts[0], CultureInfo.InvariantCulture) / 1e6);
                }
            }
        }

        Console.WriteLine($"A backup of {new FileInfo(file).Length / 1e6:0} MB, {rounds} rounds of each in turn, curl; MB/s.");
        Console.WriteLine($"{"",-42} {"min",8} {"median",8} {"max",8}");
        foreach (var (way, _) in ways)
        {
            Console.WriteLine($"{way,-42} {Measure.Spread(speeds[way])}");
        }

        foreach (var (ours, theirs) in new[] { (1, 0), (2, 0), (4, 3), (0, 3), (1, 4), (2, 4) })
        {
            var ratios = speeds[ways[ours].Name].Zip(speeds[ways[theirs].Name], (a, b) => a / b);
            Console.WriteLine($"{ways[ours].Name + " / " + ways[theirs].Name,-42} {Measure.Spread(ratios)}");
        }
    }

    private static string Nginx(ScratchDirectory scratch, string root, TestCertificates certificates, int plain, int tls) => $$"""
        daemon off;
        master_process off;
        user root;
        worker_processes auto;
        pid {{scratch["nginx.pid"]}};
        error_log {{scratch["nginx.log"]}};
        events { }
        http {
          access_log off;
          sendfile on;
          tcp_nopush on;
          client_body_temp_path {{scratch["body"]}};
          proxy_temp_path {{scratch["proxy"]}};
          fastcgi_temp_path {{scratch["fastcgi"]}};
          uwsgi_temp_path {{scratch["uwsgi"]}};
          scgi_temp_path {{scratch["scgi"]}};
          ssl_certificate {{certificates.ServerCert}};
          ssl_certificate_key {{certificates.ServerKey}};
          ssl_protocols TLSv1.3;
          server {
            listen 127.0.0.1:{{plain}};
            listen 127.0.0.1:{{tls}} ssl;
            root {{root}};
          }
        }
        """;
}
