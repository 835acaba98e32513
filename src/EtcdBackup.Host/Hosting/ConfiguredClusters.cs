using System.Security.Cryptography;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Host.Hosting;

/// <summary>
/// Registers the clusters of the configuration file, and follows the file. It is polled: a Kubernetes ConfigMap changes by a swapped
/// symbolic link, which file watchers miss. A file that cannot be used changes nothing: half a file must never unregister a cluster.
/// </summary>
internal sealed partial class ConfiguredClusters(StartOptions start, IGrainFactory grains, ILogger<ConfiguredClusters> logger) : BackgroundService
{
    private const string Source = "configuration";

    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);

    private string? _seen;
    private IReadOnlyList<ClusterSpec>? _applied;

    /// <summary>Why the file as it is now is not in force; null when it is.</summary>
    public string? Problem { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PollEvery);
        do
        {
            await LookAsync();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync()
    {
        try
        {
            var fingerprint = Fingerprint();
            if (fingerprint == _seen && _applied is not null)
            {
                return;
            }

            var specs = SettingsReader.Specs(SettingsReader.Read(start.ConfigFile, start.Arguments).Settings);
            if (_applied is null || !specs.SequenceEqual(_applied))
            {
                foreach (var held in await grains.GetGrain<IClusterDirectoryGrain>(IClusterDirectoryGrain.Key).ReconcileAsync(Source, specs))
                {
                    LogHeldByOther(held);
                }

                _applied = specs;
            }

            (_seen, Problem) = (fingerprint, null);
        }
        catch (SettingsException e)
        {
            if (Problem != e.Message)
            {
                LogUnusable(start.ConfigFile, e);
            }

            Problem = e.Message;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The state store or a silo failed; the next look tries again.
            LogNotApplied(e);
        }
    }

    private string Fingerprint()
    {
        if (start.ConfigFile is null)
        {
            return "";
        }

        try
        {
            return Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(start.ConfigFile)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"the configuration file '{start.ConfigFile}' cannot be read: {e.Message}"], e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed configuration file {File} cannot be used; what was in force before stays in force")]
    private partial void LogUnusable(string? file, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The clusters of the configuration could not be registered; trying again")]
    private partial void LogNotApplied(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Cluster} is in the configuration file, but another source has registered it already: that one's spec stays in force")]
    private partial void LogHeldByOther(ClusterKey cluster);
}

/// <summary>What the program was started with.</summary>
/// <param name="ConfigFile">The configuration file, if one was named.</param>
/// <param name="Arguments">The other arguments: <c>--Section:Key=value</c>.</param>
internal sealed record StartOptions(string? ConfigFile, string[] Arguments);
