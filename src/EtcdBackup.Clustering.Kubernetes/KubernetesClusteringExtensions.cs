using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;

namespace EtcdBackup.Clustering.Kubernetes;

/// <summary>Silos that find each other through the Kubernetes API.</summary>
public static class KubernetesClusteringExtensions
{
    /// <summary>
    /// Keeps the membership of the cluster in one object of Kubernetes, named after <see cref="ClusterOptions.ClusterId"/>.
    /// </summary>
    public static ISiloBuilder UseKubernetesClustering(this ISiloBuilder silo, KubernetesClusteringOptions options)
    {
        silo.Services.AddSingleton<IMembershipTable>(p => new KubernetesMembershipTable(StoreOf(p, options)));
        silo.Services.AddSingleton<IGatewayListProvider>(
            p => new KubernetesGateways(
            StoreOf(p, options), p.GetRequiredService<IOptions<GatewayOptions>>().Value.GatewayListRefreshPeriod));
        return silo;
    }

    /// <summary>Finds the silos' gateways in the same object.</summary>
    public static IClientBuilder UseKubernetesClustering(this IClientBuilder client, KubernetesClusteringOptions options)
    {
        client.Services.AddSingleton<IGatewayListProvider>(
            p => new KubernetesGateways(
            StoreOf(p, options), p.GetRequiredService<IOptions<GatewayOptions>>().Value.GatewayListRefreshPeriod));
        return client;
    }

    private static MembershipStore StoreOf(IServiceProvider services, KubernetesClusteringOptions options)
    {
        var config = options.KubeConfigFile == "" ? KubernetesClientConfiguration.InClusterConfig()
            : KubernetesClientConfiguration.BuildConfigFromConfigFile(options.KubeConfigFile);
        var place = options.Namespace != "" ? options.Namespace : config.Namespace ?? "default";
        return new MembershipStore(
            new k8s.Kubernetes(config), place, services.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId);
    }
}
