using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Hosting;

namespace EtcdBackup.Host.Configuration;

/// <summary>
/// Reports the clusters of the configuration file to the directory, and follows the file. It is polled: a Kubernetes ConfigMap changes by
/// a swapped symbolic link, which file watchers miss. A file that cannot be used is reported as silence: half a file must never unregister
/// a cluster.
/// </summary>
internal sealed partial class ConfiguredClusters(StartOptions start, IGrainFactory grains, ILocalSiloDetails here, TimeProvider time,
    ILogger<ConfiguredClusters> logger) : LoopService(logger)
{
    private const string Source = "configuration";
    private const string Silence = "";

    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);

    private readonly ClusterSource _source = new(start);
    private string? _reported;
    private long _reportedAt;

    /// <summary>Why the file as it is now is not in force; null when it is.</summary>
    public string? Problem { get; private set; }

    protected override TimeSpan Every => PollEvery;

    // Without the generation: if its port is fixed, a silo that starts again is the same reporter, and replaces its earlier list. Otherwise
    // the earlier list counts until the old reporter expires. Neither removes anything: the register decides by the age of files.
    private string Reporter => $"silo {here.SiloAddress.Endpoint}, {_source.Name}";

    /// <summary>Reads the file, and reports it if it changed, or was not reported recently.</summary>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        var directory = grains.GetGrain<IClusterDirectoryGrain>(IClusterDirectoryGrain.Key);
        var (fingerprint, stamp) = Look();
        if (fingerprint == _reported && time.GetElapsedTime(_reportedAt) < RemovalTimes.ReportEvery)
        {
            return;
        }

        // If nothing changed, ten thousand clusters cost one short message.
        if (fingerprint == Silence || !await directory.HearAsync(Source, Reporter, fingerprint))
        {
            var specs = fingerprint == Silence ? null : Read();
            foreach (var owned in await directory.ReportAsync(new ClusterReport(Source, Reporter, stamp, fingerprint, specs)))
            {
                LogOwnedByOther(owned.Key, owned.Source);
            }

            if (specs is null && fingerprint != _reported && Problem is null)
            {
                LogSilent(_source.Name);
            }
        }

        (_reported, _reportedAt) = (fingerprint, time.GetTimestamp());
    }

    private (string Fingerprint, DateTimeOffset Stamp) Look()
    {
        try
        {
            return (_source.Fingerprint(), _source.Stamp());
        }
        catch (SettingsException e)
        {
            Tell(e);
            return (Silence, DateTimeOffset.MinValue);
        }
    }

    private IReadOnlyList<ClusterSpec>? Read()
    {
        try
        {
            var specs = _source.Read();
            Problem = null;
            return specs;
        }
        catch (SettingsException e)
        {
            Tell(e);
            return null;
        }
    }

    private void Tell(SettingsException e)
    {
        if (Problem != e.Message)
        {
            LogUnusable(_source.Name, e);
        }

        Problem = e.Message;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The configuration file {File} cannot be used; what was in force before stays in " +
        "force")]
    private partial void LogUnusable(string? file, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{File} says nothing of Clusters: what is registered stays registered")]
    private partial void LogSilent(string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster} is in the configuration file, but {Source} has registered it " +
        "already: that one's spec stays in force")]
    private partial void LogOwnedByOther(ClusterKey cluster, string source);
}
