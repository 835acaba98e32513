using EtcdBackup.Catalog;
using EtcdBackup.Encodings;
using EtcdBackup.Grains;
using EtcdBackup.Host.Configuration;

namespace EtcdBackup.Host.Api;

/// <summary>The routes of the contract: by Host header under <c>/v1</c>, by path under <c>/v1/clusters/{namespace}/{name}</c>.</summary>
internal static class BackupRoutes
{
    private const string SkippedHeader = "X-Backup-Skipped";

    /// <summary>Adds them all.</summary>
    public static void MapBackupRoutes(this IEndpointRouteBuilder app)
    {
        MapCommands(app.MapGroup("/v1").WithTags("Cluster by host"));
        MapCommands(app.MapGroup("/v1/clusters/{namespace}/{name}").WithTags("Cluster by path"));

        app.MapGroup("/v1/clusters/{namespace}/{name}/backups").WithTags("Stored backups").MapStoredBackups();
    }

    private static void MapCommands(RouteGroupBuilder group)
    {
        group.MapGet("/backupnow", BackupNowAsync).WithSummary("Take a backup now")
            .WithDescription("Answers when the backup is safe in the store. Unchanged since the last one: no new snapshot, the " +
                $"status of the one that stands, and the header `{SkippedHeader}: unchanged`. Callers at the same time share one " +
                "snapshot; hanging up does not abort it.")
            .Produces<BackupStatus>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
                .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status502BadGateway).ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .ProducesProblem(StatusCodes.Status504GatewayTimeout).ProducesProblem(StatusCodes.Status507InsufficientStorage);

        group.MapMethods("/backup", [HttpMethods.Get, HttpMethods.Head], GetBackupAsync).WithSummary("Download a backup")
            .WithDescription("The latest backup, byte for byte what `etcdutl snapshot restore` takes. With `etcdVersion` it must " +
                "restore that version; with `etcdRevision` too, the backup at exactly that version and revision. Ranges and If-Range work.")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream")
                .Produces(StatusCodes.Status206PartialContent, contentType: "application/octet-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
                .ProducesProblem(StatusCodes.Status409Conflict)
            .WithMetadata(new QueryParameter("etcdVersion", "The etcd version that the backup must restore, X.Y.Z", "3.5.30"),
                new QueryParameter("etcdRevision", "The exact revision; needs etcdVersion", "15"));

        group.MapGet("/retention", GetRetentionAsync).WithSummary("Show which backups would go, and why")
            .WithDescription("What the retention rules say of each stored backup at this moment. Nothing is removed by asking; " +
                "backups go after the next one that is taken.")
            .Produces<IReadOnlyList<RetentionLine>>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
                .ProducesProblem(StatusCodes.Status409Conflict);

        group.MapGet("/status", GetStatusAsync).WithSummary("Show how the backups stand")
            .WithDescription("What the store holds; answers while a backup runs, with its progress, and while the store is away, with " +
                "`storeProblem`.")
            .Produces<ServiceStatus>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
                .ProducesProblem(StatusCodes.Status409Conflict);
    }

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
            // Nobody is left to answer; the run goes on and its outcome is in the status.
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

    private static async Task<IResult> GetBackupAsync(HttpContext context, ClusterResolver clusters, BackupDownload download)
    {
        var query = BackupQuery.Parse(context.Request.Query);
        var grain = await clusters.ResolveAsync(context);
        for (var isRead = false; ; isRead = true)
        {
            var found = await grain.FindAsync(query.Question);
            if (found.Spec is not { } spec)
            {
                throw ApiException.NotFound($"{grain.GetPrimaryKeyString()} was removed just now");
            }

            var backup = query.Check(found.Backup, spec.Key);
            try
            {
                return await download.AnswerAsync(context, spec, backup);
            }
            catch (EncodingException) when (!isRead)
            {
                // Read whole, it is known as damaged, and another one is served.
                await grain.VerifyAsync(backup.Name);
            }
        }
    }

    private static async Task<IResult> GetStatusAsync(HttpContext context, ClusterResolver clusters) =>
        Results.Ok(ServiceStatus.Of(await (await clusters.ResolveAsync(context)).GetStatusAsync()));

    private static async Task<IResult> GetRetentionAsync(HttpContext context, ClusterResolver clusters) =>
        Results.Ok((await (await clusters.ResolveAsync(context)).PreviewRetentionAsync()).Select(RetentionLine.Of).ToArray());
}

/// <summary>A query parameter for the OpenAPI document, where the handler reads the query itself to tell empty from absent.</summary>
internal sealed record QueryParameter(string Name, string Description, string Example);
