namespace EtcdBackup.Clusters;

/// <summary>Checks specs for what no type can forbid.</summary>
public static class SpecProblems
{
    /// <summary>The longest interval: a timer of the runtime takes at most 49 days.</summary>
    public const int MaxIntervalInSecond = 30 * 24 * 3600;

    /// <summary>What is wrong with the spec: field, value, and what is allowed; empty if it is valid.</summary>
    public static IEnumerable<string> Of(ClusterSpec spec) =>
        [.. OfEndpoints(spec.Endpoints), .. OfCredentials(spec), .. OfBackup(spec.Backup), .. StoreProblems.Of(spec.Backup)];

    private static IEnumerable<string> OfEndpoints(IReadOnlyList<Uri> endpoints)
    {
        if (endpoints.Count == 0)
        {
            yield return "endpoints is empty: name at least one client URL of the cluster, e.g. http://127.0.0.1:2379";
        }

        foreach (var endpoint in endpoints.Where(e => !IsSound(e)))
        {
            yield return $"endpoints has '{endpoint}': write http://host:port or https://host:port, with nothing after it, or " +
                "unix:///path or unixs:///path for a socket";
        }
    }

    private static bool IsSound(Uri endpoint) => endpoint is { Fragment: "", UserInfo: "", Query: "" } && endpoint.Scheme switch
    {
        "http" or "https" => endpoint.AbsolutePath == "/",
        "unix" or "unixs" => endpoint is { Host: "", AbsolutePath.Length: > 1 },
        _ => false,
    };

    private static IEnumerable<string> OfCredentials(ClusterSpec spec)
    {
        var (tls, auth) = (spec.Tls, spec.Auth);
        if ((tls.CertFile == "") != (tls.KeyFile == ""))
        {
            yield return "tls.certFile and tls.keyFile belong together: give both or none";
        }

        if ((auth.Username == "") != (auth.PasswordFile == ""))
        {
            yield return "auth.username and auth.passwordFile belong together: give both or none";
        }

        (string Field, string File)[] files =
            [("tls.caFile", tls.CaFile), ("tls.certFile", tls.CertFile), ("tls.keyFile", tls.KeyFile),
                ("auth.passwordFile", auth.PasswordFile)];
        foreach (var (field, file) in files.Where(f => SecretReference.IsMeant(f.File) && SecretReference.Parse(f.File) is null))
        {
            yield return $"{field} is '{file}': write secret:NAME/KEY for a key of a secret in the cluster's namespace, or the path " +
                "of a file";
        }
    }

    private static IEnumerable<string> OfBackup(BackupSpec backup)
    {
        if (backup.BackupIntervalInSecond is < 0 or > MaxIntervalInSecond)
        {
            yield return $"backup.backupIntervalInSecond is {backup.BackupIntervalInSecond}: " +
                $"allowed are 1 to {MaxIntervalInSecond}, or 0 for the default of {BackupSpec.DefaultIntervalInSecond}";
        }

        if (backup.MaxBackups < 0)
        {
            yield return $"backup.maxBackups is {backup.MaxBackups}: allowed are 0 (no limit) and more";
        }

        foreach (var problem in (backup.Retention?.Problems() ?? []).Concat(backup.Log?.Problems() ?? []))
        {
            yield return problem;
        }

        if (backup.Pv is { VolumeSizeInMB: < 0 })
        {
            yield return $"backup.pv.volumeSizeInMB is {backup.Pv.VolumeSizeInMB}: allowed are 0 and more";
        }
    }
}
