using EtcdBackup.Grains;
using EtcdBackup.Kubernetes.Callers;
using EtcdBackup.Kubernetes.Controlling;
using EtcdBackup.Kubernetes.Reconciling;
using EtcdBackup.Kubernetes.Secrets;
using EtcdBackup.Secrets;
using k8s;
using k8s.Exceptions;
using Microsoft.Extensions.DependencyInjection;

namespace EtcdBackup.Kubernetes;

/// <summary>Adds Kubernetes resources as a source of clusters.</summary>
public static class KubernetesSourceExtensions
{
    /// <summary>
    /// Backs up the clusters of Kubernetes resources, with a Service for each, allows specs to name secrets of the API, and adds a health
    /// check. Call it before the backup grains are added.
    /// </summary>
    /// <exception cref="KubeConfigException">No API server is configured.</exception>
    public static ISiloBuilder AddKubernetesSource(this ISiloBuilder silo, KubernetesSourceOptions options)
    {
        var config = options.KubeConfigFile == "" ? KubernetesClientConfiguration.InClusterConfig()
            : KubernetesClientConfiguration.BuildConfigFromConfigFile(options.KubeConfigFile);
        var services = silo.Services;
        services.AddSingleton(new ReconcilingScope(
            options.Namespaces.Count == 0 ? [""] : [.. options.Namespaces.Distinct()], options.ServiceTarget, options.IsVolumeShared));
        services.AddSingleton<IKubernetes>(new k8s.Kubernetes(config));
        services.AddSingleton(new MountedSecrets(options.SecretsDirectory) { OnlyOfNamespaces = true });
        services.AddSingleton<ISecrets, KubernetesSecrets>();
        services.AddSingleton<ICallerNamespaces, CallerNamespaces>();
        services.AddSingleton<ChangedClusters>();
        services.AddSingleton<IRunListener>(p => p.GetRequiredService<ChangedClusters>());
        services.AddSingleton<ControllerSupervisor>();
        services.AddHostedService(p => p.GetRequiredService<ControllerSupervisor>());
        services.AddHealthChecks().AddCheck<ControllerSupervisor>("kubernetes");
        return silo;
    }
}
