using System.Globalization;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Grains;

namespace EtcdBackup.Host.Api;

/// <summary>Answers with backups of revisions that no snapshot was taken at.</summary>
/// <param name="maker">Makes them.</param>
/// <param name="download">Sends those that were taken.</param>
internal sealed class AnyRevision(BackupMaker maker, BackupDownload download)
{
    /// <summary>The windows of a cluster.</summary>
    public async Task<Recoverable> WindowsAsync(IBackupGrain grain, ClusterSpec spec, CancellationToken cancellationToken)
    {
        var log = await grain.GetLogAsync(store: false);
        return Recoverable.Of(await maker.WindowsAsync(spec, cancellationToken), log);
    }

    /// <summary>The answer with the backup at a revision.</summary>
    /// <exception cref="ApiException">It cannot be made.</exception>
    public async Task<IResult> AnswerAsync(
        HttpContext context, IBackupGrain grain, ClusterSpec spec, EtcdVersion version, long revision)
    {
        var made = await MakeAsync(grain, spec, version, revision, context.RequestAborted) ??
            throw ApiException.NotFound($"{spec.Key} has no backup at revision {revision} of etcd {version}, and none can be made: " +
                Nearest(await WindowsAsync(grain, spec, context.RequestAborted), revision));
        return BackupDownload.Answer(context, made);
    }

    /// <summary>The answer with the backup at a moment.</summary>
    /// <exception cref="ApiException">Nobody knows what the cluster was then, or it does not restore the version that is asked for.
    /// </exception>
    public async Task<IResult> AnswerAsync(
        HttpContext context, IBackupGrain grain, ClusterSpec spec, EtcdVersion? version, DateTimeOffset time)
    {
        var log = await grain.GetLogAsync(store: true);
        switch (await maker.MakeAsync(spec, time, log, context.RequestAborted))
        {
            case { Taken: { } name } when (await grain.FindAsync(new BackupQuestion(name))).Backup is { } taken:
                Check(spec, taken.Version, version);
                return await download.AnswerAsync(context, spec, taken);
            case { Made: { } made }:
                context.Response.RegisterForDispose(made.Body);
                Check(spec, made.Version, version);
                return BackupDownload.Answer(context, made);
        }

        var windows = (await maker.WindowsAsync(spec, context.RequestAborted)).Where(w => w.To > w.From).ToList();
        throw ApiException.NotFound(string.Create(CultureInfo.InvariantCulture,
            $"nobody knows what {spec.Key} was at {time.UtcDateTime:O}: ") + (windows is [var newest, ..]
            ? $"changes are recorded from {newest.FromAt.UtcDateTime:O} to {newest.ToAt.UtcDateTime:O}, see …/recoverable; while " +
                "nobody recorded, only revisions are known"
            : "it has no change log (backup.log.enabled)"));
    }

    private async Task<MadeBackup?> MakeAsync(
        IBackupGrain grain, ClusterSpec spec, EtcdVersion version, long revision, CancellationToken cancellationToken)
    {
        // What came a moment ago may not be in the store yet.
        if (await grain.GetLogAsync(store: false) is { } log && log.Stored < revision && log.Received >= revision)
        {
            await grain.GetLogAsync(store: true);
        }

        return await maker.MakeAsync(spec, version, revision, cancellationToken);
    }

    private static void Check(ClusterSpec spec, EtcdVersion was, EtcdVersion? asked)
    {
        if (asked is { } version && !was.Restores(version))
        {
            throw ApiException.BadRequest($"{spec.Key} was etcd {was} at that time, whose backups do not restore etcd {version}");
        }
    }

    private static string Nearest(Recoverable recoverable, long revision)
    {
        var below = recoverable.Windows.Where(w => w.To.Revision < revision).Select(w => (long?)w.To.Revision).Max();
        var above = recoverable.Windows.Where(w => w.From.Revision > revision).Select(w => (long?)w.From.Revision).Min();
        return (below, above) switch
        {
            _ when recoverable.Log is { } log && log.Stored < revision && revision <= log.Received =>
                $"it was recorded, and is not in the store yet{(log.Problem is { } problem ? $": {problem}" : "")}",
            (null, null) => "its backups may be of another version of etcd, see …/recoverable",
            ({ } b, null) => $"the nearest below is {b}, and there is none above",
            (null, { } a) => $"the nearest above is {a}, and there is none below",
            ({ } b, { } a) => $"the nearest are {b} below and {a} above",
        };
    }
}
