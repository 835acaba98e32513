using EtcdBackup.Host.Silo;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EtcdBackup.Host.Health;

/// <summary>Ready when the silo is active, and state and backups can be written.</summary>
internal sealed class ReadyCheck(
    ISiloStatusOracle silo, StorageWatch storage, IHostApplicationLifetime lifetime, MembershipWatch? membership = null) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Find() is { } problem ? HealthCheckResult.Unhealthy(problem)
            : HealthCheckResult.Healthy("the silo is active; the state and the volume can be written"));

    private string? Find() =>
        lifetime.ApplicationStopping.IsCancellationRequested ? "the service is shutting down"
        : silo.CurrentStatus != SiloStatus.Active ? $"the silo is {silo.CurrentStatus}, not yet Active"
        : membership?.Problem ?? storage.Problem;
}
