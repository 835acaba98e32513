using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Serialization;

namespace EtcdBackup.Host.Hosting;

/// <summary>Sets up the Orleans silo in this process.</summary>
internal static class SiloSetup
{
    /// <summary>Adds the silo.</summary>
    public static void AddSilo(this WebApplicationBuilder builder, Settings settings, SqliteState state) => builder.Host.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering(FreePort(settings.Orleans.SiloPort), FreePort(settings.Orleans.GatewayPort), serviceId: "etcdbackup", clusterId: "etcdbackup");
        silo.Configure<EndpointOptions>(o => o.AdvertisedIPAddress = IPAddress.Loopback);
        silo.UseSystemTextJsonGrainStorageSerializer();
        silo.Services.AddSerializer(s => s.AddJsonSerializer(IsOurs, new JsonSerializerOptions(JsonSerializerDefaults.General)));
        state.Use(silo);
        silo.Configure<ReminderOptions>(o => o.MinimumReminderPeriod = TimeSpan.FromSeconds(5));
        if (settings.Orleans.Dashboard)
        {
            silo.AddDashboard();
        }
    });

    /// <summary>Which types travel between silos as JSON: plain records of our own need no attributes of Orleans, and a newer silo may add fields.</summary>
    public static bool IsOurs(Type type) => type.Namespace?.StartsWith("EtcdBackup.", StringComparison.Ordinal) is true;

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
