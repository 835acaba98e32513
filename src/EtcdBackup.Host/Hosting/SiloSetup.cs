using System.Net;
using System.Net.Sockets;
using EtcdBackup.Etcd;
using EtcdBackup.Hosting;
using EtcdBackup.Runs;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace EtcdBackup.Host.Hosting;

/// <summary>Sets up the Orleans silo in this process.</summary>
internal static class SiloSetup
{
    /// <summary>Adds the silo.</summary>
    public static void AddSilo(this WebApplicationBuilder builder, Settings settings, SqliteState state) => builder.Host.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering(FreePort(settings.Orleans.SiloPort), FreePort(settings.Orleans.GatewayPort), serviceId: "etcdbackup", clusterId: "etcdbackup");
        silo.Configure<EndpointOptions>(o => o.AdvertisedIPAddress = IPAddress.Loopback);
        state.Use(silo);
        silo.AddEtcdBackup(new EtcdBackupOptions
        {
            Directory = settings.Backups.Directory == "" ? Path.Combine(settings.DataDirectory, "backups") : settings.Backups.Directory,
            MaxConcurrent = settings.Backups.MaxConcurrent == 0 ? 2 * Environment.ProcessorCount : settings.Backups.MaxConcurrent,
            Scrub = new ScrubOptions(TimeSpan.FromSeconds(settings.Backups.ScrubIntervalInSecond), settings.Backups.ScrubMegabytesPerSecond * 1024.0 * 1024.0),
            Timeouts = new EtcdTimeouts
            {
                Probe = TimeSpan.FromSeconds(settings.Backups.ProbeTimeoutInSecond),
                Silence = TimeSpan.FromSeconds(settings.Backups.SilenceTimeoutInSecond),
            },
        });
        if (settings.Orleans.Dashboard)
        {
            silo.AddDashboard();
        }
    });

    private static int FreePort(int port)
    {
        if (port != 0)
        {
            return port;
        }

        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
