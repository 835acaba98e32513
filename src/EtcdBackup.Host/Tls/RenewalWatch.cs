using EtcdBackup.Hosting;

namespace EtcdBackup.Host.Tls;

/// <summary>Looks at files once a second, away from the connections: a volume that hangs would hold up all of them.</summary>
/// <param name="connections">Which connections use them, for the log.</param>
/// <param name="look">Looks; it may hang.</param>
/// <param name="logger">Is told if it does, or fails.</param>
internal sealed class RenewalWatch(string connections, Action look, ILogger logger) : LoopService(logger)
{
    private Task _look = Task.CompletedTask;

    /// <summary>How long a look may take; longer is told.</summary>
    internal TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override TimeSpan Every => TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override TimeSpan LongestPause => TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        // One that hangs still has the thread that it took: a second one would only take another.
        _look = _look.IsCompleted ? Task.Run(look, CancellationToken.None) : _look;
        try
        {
            await _look.WaitAsync(Limit, stoppingToken);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"the TLS files of connections {connections} did not answer for {Limit.TotalSeconds:0} s: new " +
                "connections use what was in force before", e);
        }
    }
}
