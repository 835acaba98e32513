namespace EtcdBackup.Clusters;

/// <summary>Checks specs for what no type can forbid.</summary>
public static class SpecProblems
{
    /// <summary>The longest interval: a timer of the runtime takes at most 49 days.</summary>
    public const int MaxIntervalInSecond = 30 * 24 * 3600;

    /// <summary>What is wrong with the spec, each as field, value and what is allowed; nothing when it is sound.</summary>
    public static IEnumerable<string> Of(ClusterSpec spec)
    {
        if (spec.Endpoints.Count == 0)
        {
            yield return "endpoints is empty: name at least one client URL of the cluster, e.g. http://127.0.0.1:2379";
        }

        foreach (var endpoint in spec.Endpoints)
        {
            if (endpoint.Scheme is not ("http" or "https") || endpoint.AbsolutePath != "/" || endpoint.Query != "" || endpoint.Fragment != "" || endpoint.UserInfo != "")
            {
                yield return $"endpoints has '{endpoint}': write http://host:port or https://host:port, with nothing after it";
            }
        }

        if ((spec.Tls.CertFile == "") != (spec.Tls.KeyFile == ""))
        {
            yield return "tls.certFile and tls.keyFile belong together: give both or none";
        }

        if ((spec.Auth.Username == "") != (spec.Auth.PasswordFile == ""))
        {
            yield return "auth.username and auth.passwordFile belong together: give both or none";
        }

        foreach (var (field, file) in new[] { ("tls.caFile", spec.Tls.CaFile), ("tls.certFile", spec.Tls.CertFile), ("tls.keyFile", spec.Tls.KeyFile), ("auth.passwordFile", spec.Auth.PasswordFile) })
        {
            if (SecretReference.IsMeant(file) && SecretReference.Parse(file) is null)
            {
                yield return $"{field} is '{file}': write secret:NAME/KEY for a key of a secret in the cluster's namespace, or the path of a file";
            }
        }

        if (spec.Backup.BackupIntervalInSecond is < 0 or > MaxIntervalInSecond)
        {
            yield return $"backup.backupIntervalInSecond is {spec.Backup.BackupIntervalInSecond}: allowed are 1 to {MaxIntervalInSecond}, or 0 for the default of {BackupSpec.DefaultIntervalInSecond}";
        }

        if (spec.Backup.MaxBackups < 0)
        {
            yield return $"backup.maxBackups is {spec.Backup.MaxBackups}: allowed are 0 (no limit) and more";
        }

        foreach (var problem in spec.Backup.Retention?.Problems() ?? [])
        {
            yield return problem;
        }

        foreach (var problem in StoreProblems.Of(spec.Backup))
        {
            yield return problem;
        }

        if (spec.Backup.Pv is { VolumeSizeInMB: < 0 })
        {
            yield return $"backup.pv.volumeSizeInMB is {spec.Backup.Pv.VolumeSizeInMB}: allowed are 0 and more";
        }
    }
}
