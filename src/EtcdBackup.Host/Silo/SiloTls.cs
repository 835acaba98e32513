using EtcdBackup.Host.Configuration;
using EtcdBackup.Host.Tls;
using EtcdBackup.Tls;
using Orleans.Configuration;

namespace EtcdBackup.Host.Silo;

/// <summary>Sets up TLS between silos.</summary>
internal static partial class SiloTls
{
    /// <summary>Puts TLS around all connections of a silo; or logs that there is none, where others may reach it.</summary>
    public static void UseSiloTls(this ISiloBuilder silo, OrleansSettings orleans)
    {
        if (!orleans.Tls.IsUsed && orleans.Clustering != ClusteringKind.Localhost)
        {
            silo.AddStartupTask(
                (services, _) =>
                {
                    LogPlainText(services.GetRequiredService<ILogger<SiloConnections>>());
                    return Task.CompletedTask;
                },
                // before it joins: silos with TLS let it wait there
                ServiceLifecycleStage.RuntimeInitialize);
            return;
        }

        var own = orleans.Tls.IsUsed ? null : OwnCertificate.Create(TimeProvider.System);
        silo.Services.AddRenewed(
            "between silos", () => own ?? orleans.Tls.Read(), f => MutualTls.Parse(f, TimeProvider.System), t => t.OwnFault());
        silo.Services.AddSingleton<RefusalLog>();
        silo.Services.AddSingleton<SiloConnections>();
        silo.Services.AddOptions<SiloConnectionOptions>().Configure<SiloConnections>((options, connections) =>
        {
            options.ConfigureSiloInboundConnection(connections.Accept);
            options.ConfigureGatewayInboundConnection(connections.Accept);
            options.ConfigureSiloOutboundConnection(connections.Make);
        });
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Orleans:AllowPlainText is true and there is no TLS between silos: whoever " +
        "reaches the silo port may do everything, and silos with TLS refuse this one")]
    private static partial void LogPlainText(ILogger logger);
}
