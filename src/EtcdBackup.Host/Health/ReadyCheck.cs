using EtcdBackup.Host.State;
using EtcdBackup.Stores;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EtcdBackup.Host.Health;

/// <summary>Ready when the silo is active, and state and backups can be written.</summary>
internal sealed class ReadyCheck(
    ISiloStatusOracle silo, IStateStore state, StoreProvider stores, IHostApplicationLifetime lifetime)
    : IHealthCheck
{
    private static readonly TimeSpan StateLimit = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy("the service is shutting down");
        }

        if (silo.CurrentStatus != SiloStatus.Active)
        {
            return HealthCheckResult.Unhealthy($"the silo is {silo.CurrentStatus}, not yet Active");
        }

        try
        {
            await state.CheckAsync(cancellationToken).WaitAsync(StateLimit, cancellationToken);
        }
        catch (TimeoutException e)
        {
            return HealthCheckResult.Unhealthy($"the state store cannot be used: it did not answer for {StateLimit.TotalSeconds:0} s", e);
        }
        catch (Exception e)
        {
            return HealthCheckResult.Unhealthy($"the state store cannot be used: {e.Message}", e);
        }

        try
        {
            // A bucket that is down takes no instance out of service: other instances could not use it either.
            await stores.Volume.CheckAsync(cancellationToken);
        }
        catch (Exception e)
        {
            return HealthCheckResult.Unhealthy($"the backup store cannot be used: {e.Message}", e);
        }

        return HealthCheckResult.Healthy("the silo is active; the state and the volume can be written");
    }
}
