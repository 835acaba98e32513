using System.Threading.Channels;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Kubernetes;

/// <summary>
/// In each silo: sees to it that the controller runs somewhere, and tells it of which clusters of this silo the status changed.
/// </summary>
public sealed partial class ControllerNotes(IGrainFactory grains, ILogger<ControllerNotes> logger) : BackgroundService, IRunListener
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly Channel<ClusterKey> _changed = Channel.CreateUnbounded<ClusterKey>(
        new UnboundedChannelOptions { SingleReader = true });

    /// <summary>What keeps the controller from its work; nothing when all is well.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = ["the controller of the Kubernetes resources has yet to start"];

    /// <inheritdoc/>
    public void Changed(ClusterKey cluster) => _changed.Writer.TryWrite(cluster);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var controller = grains.GetGrain<IKubernetesControllerGrain>(IKubernetesControllerGrain.Key);
        var waiting = new HashSet<ClusterKey>();
        string? told = null;
        var pause = LookEvery;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Problems = await controller.EnsureAsync();
                await NoteAsync(controller, waiting);
                (told, pause) = (null, LookEvery);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Its silo died just now: it comes up in another one.
                Problems = [$"the controller of the Kubernetes resources cannot be reached: {e.Message}"];
                if (told != e.GetType().Name)
                {
                    LogNotReached(e);
                }

                told = e.GetType().Name;
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }

            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // What could not be told is told the next time.
    private async Task NoteAsync(IKubernetesControllerGrain controller, HashSet<ClusterKey> waiting)
    {
        while (_changed.Reader.TryRead(out var cluster))
        {
            waiting.Add(cluster);
        }

        if (waiting.Count > 0)
        {
            await controller.NoteAsync([.. waiting]);
            waiting.Clear();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The controller of the Kubernetes resources could not be reached; trying " +
        "again. This is told once")]
    private partial void LogNotReached(Exception exception);
}
