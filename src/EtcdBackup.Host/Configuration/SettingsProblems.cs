using System.Net;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;

namespace EtcdBackup.Host.Configuration;

/// <summary>What is wrong with a configuration that was read.</summary>
internal static class SettingsProblems
{
    /// <summary>All problems except those of clusters, in words that say what to do.</summary>
    public static IEnumerable<string> Of(Settings settings)
    {
        if (string.IsNullOrWhiteSpace(settings.DataDirectory))
        {
            yield return "DataDirectory is empty: name a directory that the service may write to";
        }

        foreach (var (path, value, least, most) in new[]
        {
            ("Http:BackupNowTimeoutInSecond", settings.Http.BackupNowTimeoutInSecond, 1, 86_400),
            ("Http:BackupNowPerMinute", settings.Http.BackupNowPerMinute, 0, 60_000),
            ("Http:DownloadsPerCluster", settings.Http.DownloadsPerCluster, 0, 100_000),
            ("Backups:MaxConcurrent", settings.Backups.MaxConcurrent, 0, 1000),
            ("Backups:ProbeTimeoutInSecond", settings.Backups.ProbeTimeoutInSecond, 1, 300),
            ("Backups:SilenceTimeoutInSecond", settings.Backups.SilenceTimeoutInSecond, 1, 3600),
            ("Backups:GraceInSecond", settings.Backups.GraceInSecond, 0, 3600),
            ("Backups:SweepAgeInSecond", settings.Backups.SweepAgeInSecond, 1, 30 * 86_400),
            ("Backups:ScrubIntervalInSecond", settings.Backups.ScrubIntervalInSecond, 0, 366 * 86_400),
            ("Backups:ScrubMegabytesPerSecond", settings.Backups.ScrubMegabytesPerSecond, 1, 100_000),
            ("Backups:LogSpoolMegabytes", settings.Backups.LogSpoolMegabytes, 0, 1_000_000),
            ("Metrics:MaxClusters", settings.Metrics.MaxClusters, 0, 10_000),
            ("Metrics:OtlpIntervalInSecond", settings.Metrics.OtlpIntervalInSecond, 1, 3600),
            ("Removal:GraceInSecond", settings.Removal.GraceInSecond, 1, 30 * 86_400),
            ("Removal:BackupsGraceInSecond", settings.Removal.BackupsGraceInSecond, 1, 366 * 86_400),
            ("Notifications:AfterFailures", settings.Notifications.AfterFailures, 1, 1000),
            ("Notifications:StaleAfterIntervals", settings.Notifications.StaleAfterIntervals, 1, 1000),
            ("Notifications:RepeatEveryInSecond", settings.Notifications.RepeatEveryInSecond, 0, 366 * 86_400),
            ("Notifications:LookEveryInSecond", settings.Notifications.LookEveryInSecond, 1, 3600),
            ("Orleans:SiloPort", settings.Orleans.SiloPort, 0, 65_535),
            ("Orleans:GatewayPort", settings.Orleans.GatewayPort, 0, 65_535),
        })
        {
            if (value < least || value > most)
            {
                yield return $"{path} is {value}: allowed are {least} to {most}";
            }
        }

        if (settings.Metrics.OtlpEndpoint is { Length: > 0 } otlp &&
            (!Uri.TryCreate(otlp, UriKind.Absolute, out var collector) || collector.Scheme is not ("http" or "https")))
        {
            yield return $"Metrics:OtlpEndpoint is '{otlp}': write http://HOST:4317";
        }

        foreach (var problem in HttpProblems(settings.Http))
        {
            yield return problem;
        }

        foreach (var problem in ClusteringProblems.Of(settings).Concat(SiloTlsProblems.Of(settings.Orleans)))
        {
            yield return problem;
        }

        foreach (var problem in StoreSettingsProblems(settings))
        {
            yield return problem;
        }

        foreach (var problem in KubernetesProblems.Of(settings.Kubernetes).Concat(NotificationProblems.Of(settings.Notifications)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> HttpProblems(HttpSettings http)
    {
        var open = false;
        foreach (var url in http.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Uri.TryCreate(url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal)
                .Replace("//+", "//0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var parsed) ||
                parsed.Scheme is not ("http" or "https") || parsed.UserInfo != "")
            {
                yield return $"Http:Urls has '{url}': write http://ADDRESS:PORT";
                continue;
            }

            open |= !(parsed.Host == "localhost" ||
                (IPAddress.TryParse(parsed.DnsSafeHost, out var address) && IPAddress.IsLoopback(address)));
        }

        if (http.Urls.Trim(';', ' ') == "")
        {
            yield return "Http:Urls is empty: write http://ADDRESS:PORT";
        }

        if (open && !http.HasLogin && http.AllowAnonymous.Count == 0)
        {
            yield return $"Http:Urls is '{http.Urls}', reachable from other machines, and a backup holds every secret of its cluster: " +
                "set Http:TokenFile, Http:Jwt or Http:ClientCertificates, or write into Http:AllowAnonymous what everybody may do, e.g. " +
                "[\"status\"]";
        }

        foreach (var problem in AccessProblems.Of(http).Concat(HttpTlsProblems.Of(http)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> StoreSettingsProblems(Settings settings)
    {
        var specs = settings.Clusters.Where(c => c.Backup is not null).Select(c => c.Backup!).ToArray();
        if (settings.Backups.SecretsDirectory == "" &&
            Array.Exists(specs, b =>
            b is { StorageType: StorageType.S3, S3.AwsSecret.Length: > 0 } or { StorageType: StorageType.ABS, Abs.AbsSecret.Length: > 0 }))
        {
            yield return "Backups:SecretsDirectory is empty, and a cluster names a secret: set it to the directory that secrets are " +
                "mounted in";
        }

        if (settings.Backups.AgeKeyFile != "" || Array.Exists(specs, b => b.Encryption == Encryption.Age))
        {
            var problem = KeyProblem(settings.Backups.AgeFiles);
            if (problem is not null)
            {
                yield return problem;
            }
        }
    }

    private static string? KeyProblem(AgeFiles files)
    {
        try
        {
            files.Check();
            return null;
        }
        catch (BackupKeyException e)
        {
            return $"Backups:AgeKeyFile, Backups:AgeRecipientsFile: {e.Message}";
        }
    }
}
