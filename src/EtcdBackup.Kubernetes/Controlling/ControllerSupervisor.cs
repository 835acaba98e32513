using EtcdBackup.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Kubernetes.Controlling;

/// <summary>
/// Runs in each silo: makes sure that the controller runs on some silo, and passes to it the clusters whose status changed.
/// </summary>
internal sealed class ControllerSupervisor(IGrainFactory grains, ChangedClusters changed, ILogger<ControllerSupervisor> logger)
    : LoopService(logger), IHealthCheck
{
    private IReadOnlyList<string> _problems = ["the controller of the Kubernetes resources has yet to start"];

    /// <inheritdoc/>
    protected override TimeSpan Every => TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override TimeSpan LongestPause => TimeSpan.FromSeconds(10);

    // The controller's silo may have died just now: it comes up in another one.
    /// <inheritdoc/>
    protected override LogLevel FailureLevel => LogLevel.Warning;

    // A silo whose controller has problems still serves and backs up the registered clusters: it is degraded, and stays in service.
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_problems.Count > 0 ? HealthCheckResult.Degraded(string.Join('\n', _problems))
            : HealthCheckResult.Healthy("the controller of the Kubernetes resources works"));

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        var controller = grains.GetGrain<IKubernetesControllerGrain>(IKubernetesControllerGrain.Key);
        try
        {
            _problems = await controller.EnsureAsync();
            await changed.Waiting.TellAsync(controller.NoteAsync);
        }
        catch (Exception e)
        {
            // Its silo just died: it starts on another silo.
            _problems = [$"the controller of the Kubernetes resources cannot be reached: {e.Message}"];
            throw;
        }
    }
}
