using EtcdBackup.Grains;

namespace EtcdBackup.Host.Notifying;

/// <summary>Adds the notifier.</summary>
internal static class NotifyingSetup
{
    /// <summary>Adds it. Without anybody to tell, it does nothing and costs nothing.</summary>
    public static IServiceCollection AddNotifying(this IServiceCollection services, NotifyingOptions options)
    {
        // Also without use: the grain can be activated in any silo.
        services.AddSingleton(options);
        if (options.IsUsed)
        {
            services.AddSingleton<NotedClusters>();
            services.AddSingleton<IRunListener>(p => p.GetRequiredService<NotedClusters>());
            services.AddHostedService<NotifierSupervisor>();
        }

        return services;
    }
}
