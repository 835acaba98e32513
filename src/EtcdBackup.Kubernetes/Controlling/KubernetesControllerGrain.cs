using EtcdBackup.Clusters;
using EtcdBackup.Kubernetes.Reconciling;
using k8s;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Kubernetes.Controlling;

/// <inheritdoc cref="IKubernetesControllerGrain"/>
[KeepAlive]
internal sealed partial class KubernetesControllerGrain(
    IKubernetes client, ReconcilingScope scope, TimeProvider time, ILoggerFactory loggers) : Grain, IKubernetesControllerGrain,
    IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _logger = loggers.CreateLogger<KubernetesControllerGrain>();
    private Controller? _controller;
    private Task _running = Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> EnsureAsync()
    {
        if (_running.IsCompleted && !_stop.IsCancellationRequested)
        {
            if (_running.IsFaulted)
            {
                LogEnded(_running.Exception);
            }

            var controller = _controller = new Controller(client, GrainFactory, scope, time, loggers);

            // Off the grain's scheduler: the controller watches all the time.
            _running = Task.Run(() => controller.RunAsync(_stop.Token));
        }

        return Task.FromResult(_controller?.Problems ?? []);
    }

    /// <inheritdoc/>
    public Task NoteAsync(IReadOnlyList<ClusterKey> clusters)
    {
        foreach (var cluster in clusters)
        {
            _controller?.Note(cluster);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await Task.WhenAny(_running, Task.Delay(Patience, CancellationToken.None));
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    [LoggerMessage(Level = LogLevel.Error, Message = "The controller ended, and is started again")]
    private partial void LogEnded(Exception exception);
}
