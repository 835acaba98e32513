using System.Globalization;
using System.Text.RegularExpressions;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Host.Api;

/// <summary>Which backup a <c>GET /v1/backup</c> asks for.</summary>
internal sealed partial record BackupQuery(EtcdVersion? Version, long? Revision, DateTimeOffset? Time = null)
{
    /// <summary>Reads the query string; a parameter that is present but empty counts as absent, as old clients send it.</summary>
    public static BackupQuery Parse(IQueryCollection query)
    {
        var version = query["etcdVersion"].ToString();
        var revision = query["etcdRevision"].ToString();
        EtcdVersion? parsedVersion = null;
        if (version != "")
        {
            parsedVersion = EtcdVersion.TryParse(version, out var v)
                ? v
                : throw ApiException.BadRequest($"etcdVersion is '{version}', no semantic version: write X.Y.Z, e.g. 3.5.30");
        }

        var time = ParseTime(query["time"].ToString());
        if (revision == "")
        {
            return new BackupQuery(parsedVersion, null, time);
        }

        if (time is not null)
        {
            throw ApiException.BadRequest("time and etcdRevision are both given: give one of them");
        }

        if (!long.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var parsedRevision) || parsedRevision <= 0)
        {
            throw ApiException.BadRequest($"etcdRevision is '{revision}': write a decimal number from 1 to {long.MaxValue}");
        }

        return parsedVersion is not null
            ? new BackupQuery(parsedVersion, parsedRevision)
            : throw ApiException.BadRequest(
                $"etcdRevision is {parsedRevision} without an etcdVersion: give the version too, e.g. " +
                $"?etcdVersion=3.5.30&etcdRevision={parsedRevision}");
    }

    private static DateTimeOffset? ParseTime(string time)
    {
        if (time == "")
        {
            return null;
        }

        return Rfc3339().IsMatch(time) && DateTimeOffset.TryParse(
            time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var parsed)
            ? parsed
            : throw ApiException.BadRequest($"time is '{time}': write it as RFC 3339 does, e.g. 2026-11-30T12:00:00Z");
    }

    [GeneratedRegex(@"\A\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)\z", RegexOptions.ECMAScript)]
    private static partial Regex Rfc3339();

    /// <summary>The question for the cluster's grain.</summary>
    public BackupQuestion Question => Revision is null ? new BackupQuestion() : new BackupQuestion(null, Version, Revision);

    /// <summary>Checks that the backup that was found is the requested one.</summary>
    /// <exception cref="ApiException">There is none, or it does not restore the requested version.</exception>
    public BackupEntry Check(BackupEntry? found, ClusterKey cluster)
    {
        if (Revision is { } revision)
        {
            return found ?? throw ApiException.NotFound(
                $"{cluster} has no backup at revision {revision} of etcd {Version}: GET /v1/status tells what there is");
        }

        if (found is null)
        {
            throw ApiException.NotFound($"{cluster} has no backup yet: GET /v1/backupnow takes one");
        }

        return Version is { } version && !found.Restores(version)
            ? throw ApiException.BadRequest(
                $"the latest backup is from etcd {found.Version} and does not restore etcd {version}: it restores the same minor " +
                "version and the next one, and an older one only if the file says so")
            : found;
    }
}
