using System.Net;
using System.Net.Sockets;
using EtcdBackup.Clustering.Kubernetes;
using EtcdBackup.Etcd;
using EtcdBackup.Host.Configuration;
using EtcdBackup.Host.State;
using EtcdBackup.Hosting;
using EtcdBackup.Kubernetes;
using EtcdBackup.Stores;
using EtcdBackup.Upkeep;
using k8s;
using k8s.Exceptions;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace EtcdBackup.Host.Silo;

/// <summary>Sets up the Orleans silo in this process.</summary>
internal static class SiloSetup
{
    private const string ServiceId = "etcdbackup";

    /// <summary>Opens the state store that the settings name.</summary>
    /// <exception cref="SettingsException">It cannot be used.</exception>
    public static IStateStore OpenState(Settings settings) => settings.Orleans.Storage switch
    {
        StorageKind.Redis => RedisState.From(settings.Orleans.Redis),
        StorageKind.PostgreSQL => PostgreSqlState.Open(settings.Orleans.PostgreSQL),
        _ => SqliteState.Open(Path.GetFullPath(settings.DataDirectory)),
    };

    /// <summary>Adds the silo.</summary>
    public static void AddSilo(this WebApplicationBuilder builder, Settings settings, IStateStore state) => builder.Host.UseOrleans(silo =>
    {
        UseClustering(silo, settings.Orleans, state);
        silo.UseSiloTls(settings.Orleans);
        state.Use(silo);
        silo.Services.GuardState(state.HoldsThread, TimeSpan.FromSeconds(settings.Backups.SilenceTimeoutInSecond));
        UseKubernetesSource(silo, settings);
        silo.AddEtcdBackup(OptionsOf(settings));
        if (settings.Orleans.Dashboard)
        {
            silo.AddDashboard();
        }
    });

    private static void UseClustering(ISiloBuilder silo, OrleansSettings orleans, IStateStore state)
    {
        var siloPort = FreePort(orleans.SiloPort);
        var gatewayPort = FreePort(orleans.GatewayPort);
        if (orleans.Clustering == ClusteringKind.Localhost)
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort, serviceId: ServiceId, clusterId: orleans.ClusterId);
            silo.Configure<EndpointOptions>(o => o.AdvertisedIPAddress = IPAddress.Loopback);
            return;
        }

        silo.Services.AddSingleton<MembershipWatch>();
        silo.Services.AddHostedService(p => p.GetRequiredService<MembershipWatch>());
        silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (orleans.ClusterId, ServiceId));
        silo.ConfigureEndpoints(
            orleans.AdvertisedAddress == "" ? OwnAddress() : IPAddress.Parse(orleans.AdvertisedAddress), siloPort, gatewayPort);
        silo.Configure<ClusterMembershipOptions>(o =>
        {
            // A dead silo is found in about four seconds, a frozen one (its connections stay open) in about twelve: its clusters then move
            // to others. Declaring a slow silo dead costs little, because two activations of a cluster do each other no harm.
            o.ProbeTimeout = TimeSpan.FromSeconds(1);
            o.NumMissedProbesLimit = 3;
            o.NumVotesForDeathDeclaration = 1;
            o.TableRefreshTimeout = TimeSpan.FromSeconds(5);
            o.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(10);
            o.DefunctSiloExpiration = TimeSpan.FromHours(1);
            o.DefunctSiloCleanupPeriod = TimeSpan.FromMinutes(10);
        });
        switch (orleans.Clustering)
        {
            case ClusteringKind.Redis:
                (state as RedisState ?? RedisState.From(orleans.Redis)).UseClustering(silo);
                break;
            case ClusteringKind.Kubernetes:
                silo.UseKubernetesClustering(
                    new KubernetesClusteringOptions
                    {
                        Namespace = orleans.Kubernetes.Namespace,
                        KubeConfigFile = orleans.Kubernetes.KubeConfigFile
                    });
                if (orleans.Kubernetes.WatchPods)
                {
                    WatchPods(silo, orleans.Kubernetes.KubeConfigFile);
                }

                break;
            default:
                (state as PostgreSqlState ?? PostgreSqlState.Open(orleans.PostgreSQL)).UseClustering(silo);
                break;
        }
    }

    private static void WatchPods(ISiloBuilder silo, string kubeConfigFile) => silo.UseKubernetesHosting(options =>
    {
        if (kubeConfigFile != "")
        {
            options.Configure(o => o.GetClientConfiguration = () =>
                KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeConfigFile));
        }
    });

    private static void UseKubernetesSource(ISiloBuilder silo, Settings settings)
    {
        if (!settings.Kubernetes.Enabled)
        {
            return;
        }

        try
        {
            silo.AddKubernetesSource(new KubernetesSourceOptions
            {
                Namespaces = settings.Kubernetes.Namespaces,
                ServiceTarget = settings.Kubernetes.ServiceTarget,
                KubeConfigFile = settings.Kubernetes.KubeConfigFile,
                SecretsDirectory = settings.Backups.SecretsDirectory,
                IsVolumeShared = settings.Orleans.Clustering == ClusteringKind.Localhost || settings.Backups.Shared,
            });
        }
        catch (Exception e) when (e is KubeConfigException or IOException)
        {
            throw new SettingsException(
                [$"Kubernetes:Enabled is true, and there is no way to an API server: {e.Message} Set Kubernetes:KubeConfigFile where " +
                    "this is no pod with a service account"], e);
        }
    }

    private static EtcdBackupOptions OptionsOf(Settings settings)
    {
        var backups = settings.Backups;
        return new EtcdBackupOptions
        {
            Stores = new StoreOptions(InData(backups.Directory, "backups"), InData(backups.ScratchDirectory, "scratch"))
            {
                Silence = TimeSpan.FromSeconds(backups.SilenceTimeoutInSecond),
                CaFile = backups.StoreCaFile,
                Resources = settings.Kubernetes.ToLimits(),
            },
            SecretsDirectory = backups.SecretsDirectory,
            AgeFiles = backups.AgeFiles,
            MaxConcurrent = backups.MaxConcurrent == 0 ? 2 * Environment.ProcessorCount : backups.MaxConcurrent,
            LogSpoolBytes = backups.LogSpoolMegabytes * 1024L * 1024,
            MaxClusterMetrics = settings.Metrics.MaxClusters,
            Scrub = new ScrubOptions(
                TimeSpan.FromSeconds(backups.ScrubIntervalInSecond), backups.ScrubMegabytesPerSecond * 1024.0 * 1024.0),
            Timeouts = new EtcdTimeouts
            {
                Probe = TimeSpan.FromSeconds(backups.ProbeTimeoutInSecond),
                Silence = TimeSpan.FromSeconds(backups.SilenceTimeoutInSecond),
            },
            SweepAge = TimeSpan.FromSeconds(backups.SweepAgeInSecond),
            Grace = TimeSpan.FromSeconds(backups.GraceInSecond),
            Removal = settings.Removal.Times,
        };

        string InData(string directory, string otherwise) => directory == "" ? Path.Combine(settings.DataDirectory, otherwise) : directory;
    }

    // The address of the default route; no packet is sent.
    private static IPAddress OwnAddress()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 9));
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException e)
        {
            throw new SettingsException(
                ["Orleans:AdvertisedAddress is empty, and this machine has no address that others could reach: set it"], e);
        }
    }

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
