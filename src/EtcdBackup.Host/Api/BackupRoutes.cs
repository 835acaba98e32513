using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Grains;
using EtcdBackup.Host.Access;
using EtcdBackup.Host.Configuration;

namespace EtcdBackup.Host.Api;

/// <summary>The routes of the contract: by Host header under <c>/v1</c>, by path under <c>/v1/clusters/{namespace}/{name}</c>.</summary>
internal static class BackupRoutes
{
    private const string ByPath = "/v1/clusters/{namespace}/{name}";
    private const string SkippedHeader = "X-Backup-Skipped";

    /// <summary>Adds them all.</summary>
    public static void MapBackupRoutes(this IEndpointRouteBuilder app)
    {
        var byHost = app.MapGroup("/v1").WithTags(ApiTags.ByHost)
            .Fails(StatusCodes.Status400BadRequest, "the Host header is no valid host name: use NAME-backup-sidecar, " +
                "NAME-backup-sidecar.NAMESPACE, or an address of this service")
            .Fails(StatusCodes.Status404NotFound, "no cluster is registered: add one to the configuration")
            .Fails(StatusCodes.Status409Conflict, "the host 'example-backup-sidecar' fits clusters in several namespaces: use one of " +
                "example-backup-sidecar.a, example-backup-sidecar.b");
        MapCommands(byHost, "");
        MapCommands(app.MapGroup(ByPath).WithTags(ApiTags.ByPath).FailsByPath(), "Cluster");
        app.MapGroup(ByPath).WithTags(ApiTags.ByPath).FailsByPath().MapGet("/recoverable", GetRecoverableAsync).Needs(Verbs.Status)
            .WithName("getRecoverable").WithSummary("Show which revisions can be brought back")
            .WithDescription("Windows of revisions, newest first: each revision from the first to the last of a window is served by " +
                "`GET /v1/backup?etcdVersion=…&etcdRevision=…`. With a change log (`backup.log`) that is every revision since the " +
                "oldest kept backup; without one, those of the backups.")
            .Produces<Recoverable>();
        app.MapGroup(ByPath + "/backups").WithTags(ApiTags.StoredBackups).FailsByPath().MapStoredBackups();
    }

    /// <summary>The errors of all routes whose path names a cluster.</summary>
    public static T FailsByPath<T>(this T routes) where T : IEndpointConventionBuilder => routes
        .Fails(StatusCodes.Status400BadRequest, $"'No_Label' is no cluster name: {ClusterKey.LabelRule}")
        .Fails(StatusCodes.Status404NotFound, "no cluster default/example is registered: GET /v1/clusters lists those that are");

    // The names of the operations distinguish the two ways to a cluster: getStatus, getClusterStatus.
    private static void MapCommands(RouteGroupBuilder group, string whose)
    {
        MapBackupNow(group, whose);

        group.MapMethods("/backup", [HttpMethods.Get, HttpMethods.Head], GetBackupAsync).WithName($"get{whose}Backup")
            .WithSummary("Download a backup")
            .WithDescription("The latest backup, byte for byte what `etcdutl snapshot restore` takes. With `etcdVersion` it must " +
                "restore that version; with `etcdRevision` too, the backup at exactly that version and revision; with `time` that of " +
                "the last revision at that moment. If none was taken there, and the cluster has a change log, it is made. Ranges and " +
                "If-Range work.")
            .WithMetadata(new QueryParameter("etcdVersion", "The etcd version that the backup must restore, X.Y.Z", "3.5.30"),
                new QueryParameter("etcdRevision", "The exact revision; needs etcdVersion", 15) { Least = 1 },
                new QueryParameter("time", "A moment, as RFC 3339 writes it; not with etcdRevision", "2026-11-24T12:00:00Z"),
                new ResponseHeader(
                    BackupDownload.MadeHeader, "Present if no snapshot was taken at the revision, and the backup was made", "true"))
            .Needs(Verbs.Read)
            .SendsBackup()
            .Limited(CallLimits.Download)
            .Fails(StatusCodes.Status400BadRequest, "etcdVersion is '3.x', no semantic version: write X.Y.Z, e.g. 3.5.30")
            .Fails(StatusCodes.Status404NotFound, "default/example has no backup yet: GET /v1/backupnow takes one");

        group.MapGet("/retention", GetRetentionAsync).Needs(Verbs.Status).WithName($"get{whose}Retention")
            .WithSummary("Show which backups would go, and why")
            .WithDescription("What the retention rules say of each stored backup at this moment. Nothing is removed by asking; " +
                "backups go after the next one that is taken.")
            .Produces<IReadOnlyList<RetentionLine>>();

        group.MapGet("/status", GetStatusAsync).Needs(Verbs.Status).WithName($"get{whose}Status").WithSummary("Show how the backups stand")
            .WithDescription("What the store holds; answers while a backup runs, with its progress, and while the store is away, with " +
                "`storeProblem`.")
            .Produces<ServiceStatus>();
    }

    private static void MapBackupNow(RouteGroupBuilder group, string whose) =>
        group.MapGet("/backupnow", BackupNowAsync).Needs(Verbs.Create).WithName($"backup{whose}Now").WithSummary("Take a backup now")
            .WithDescription("Answers when the backup is safe in the store. Unchanged since the last one: no new snapshot, the " +
                $"status of the one that stands, and the header `{SkippedHeader}: unchanged`. Callers at the same time share one " +
                "snapshot; hanging up does not abort it.")
            .Produces<BackupStatus>()
            .WithMetadata(new ResponseHeader(SkippedHeader, "Present when nothing changed and no new backup was taken", "unchanged"))
            .Limited(CallLimits.BackupNow)
            .Fails(StatusCodes.Status502BadGateway,
                "no member of default/example can be used: 127.0.0.1:2379 cannot be reached: Connection refused")
            .Fails(StatusCodes.Status503ServiceUnavailable, "the service is shutting down: try again when it is back")
            .Fails(StatusCodes.Status504GatewayTimeout,
                "the backup is not done after 3600 s; it goes on: GET /v1/status shows its progress")
            .Fails(StatusCodes.Status507InsufficientStorage,
                "no room in '/data/backups': free space or lower maxBackups; older backups are untouched");

    private static async Task<IResult> BackupNowAsync(HttpContext context, ClusterResolver clusters, HttpSettings settings)
    {
        var grain = await clusters.ResolveAsync(context);
        BackupNowReply reply;
        try
        {
            reply = await grain.BackupNowAsync()
                .WaitAsync(TimeSpan.FromSeconds(settings.BackupNowTimeoutInSecond), context.RequestAborted);
        }
        catch (TimeoutException e)
        {
            throw new ApiException(
                StatusCodes.Status504GatewayTimeout,
                $"the backup is not done after {settings.BackupNowTimeoutInSecond} s; it goes on: GET /v1/status shows its progress",
                e);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone; the run continues and its outcome is in the status.
            return Results.Empty;
        }

        if (reply.Backup is { } backup)
        {
            if (reply.Outcome.Result == RunResult.Unchanged)
            {
                context.Response.Headers[SkippedHeader] = "unchanged";
            }

            return Results.Ok(BackupStatus.Of(backup));
        }

        throw new ApiException(StatusOf(reply.Outcome.Result), reply.Outcome.Message ?? "no backup was taken: GET /v1/status tells more");
    }

    private static int StatusOf(RunResult result) => result switch
    {
        RunResult.EtcdFailed or RunResult.SnapshotCorrupt => StatusCodes.Status502BadGateway,
        RunResult.Stopped => StatusCodes.Status503ServiceUnavailable,
        RunResult.TimedOut => StatusCodes.Status504GatewayTimeout,
        RunResult.StoreFull => StatusCodes.Status507InsufficientStorage,
        RunResult.NotRegistered => StatusCodes.Status404NotFound,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static async Task<IResult> GetBackupAsync(
        HttpContext context, ClusterResolver clusters, BackupDownload download, AnyRevision any)
    {
        var query = BackupQuery.Parse(context.Request.Query);
        var grain = await clusters.ResolveAsync(context);
        if (query.Time is { } time)
        {
            return await any.AnswerAsync(context, grain, await SpecAsync(grain), query.Version, time);
        }

        var isRead = false;
        for (var tries = 1; ; tries++)
        {
            var found = await grain.FindAsync(query.Question);
            var spec = found.Spec ?? throw Removed(grain);
            if (found.Backup is null && query is { Version: { } version, Revision: { } revision })
            {
                return await any.AnswerAsync(context, grain, spec, version, revision);
            }

            var backup = query.Check(found.Backup, spec.Key);
            try
            {
                return await download.AnswerAsync(context, spec, backup);
            }
            catch (EncodingException) when (!isRead)
            {
                // Once it was read whole, it is known as damaged, and another one is served.
                await grain.VerifyAsync(backup.Name);
                isRead = true;
            }
            catch (ApiException e) when (e.InnerException is FileNotFoundException && tries < 5)
            {
                // It was deleted meanwhile, and another one is the latest now.
            }
        }
    }

    private static async Task<IResult> GetRecoverableAsync(HttpContext context, ClusterResolver clusters, AnyRevision any)
    {
        var grain = await clusters.ResolveAsync(context);
        return Results.Ok(await any.WindowsAsync(grain, await SpecAsync(grain), context.RequestAborted));
    }

    private static async Task<ClusterSpec> SpecAsync(IBackupGrain grain) =>
        (await grain.FindAsync(new BackupQuestion())).Spec ?? throw Removed(grain);

    private static ApiException Removed(IBackupGrain grain) => ApiException.NotFound($"{grain.GetPrimaryKeyString()} was removed just now");

    private static async Task<IResult> GetStatusAsync(HttpContext context, ClusterResolver clusters) =>
        Results.Ok(ServiceStatus.Of(await (await clusters.ResolveAsync(context)).GetStatusAsync()));

    private static async Task<IResult> GetRetentionAsync(HttpContext context, ClusterResolver clusters) =>
        Results.Ok((await (await clusters.ResolveAsync(context)).PreviewRetentionAsync()).Select(RetentionLine.Of).ToArray());
}
