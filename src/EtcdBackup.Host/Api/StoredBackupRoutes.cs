using System.Globalization;
using EtcdBackup.Catalog;
using EtcdBackup.Grains;
using EtcdBackup.Host.Access;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Host.Api;

/// <summary>The routes to the stored backups of one cluster: list, fetch, verify, delete.</summary>
internal static class StoredBackupRoutes
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private const string Example = "3.5.30_000000000000000f_etcd.backup";

    /// <summary>Adds them to the group <c>…/backups</c>.</summary>
    public static void MapStoredBackups(this RouteGroupBuilder group)
    {
        group.MapGet("", ListAsync).Needs(Verbs.Status).WithName("listBackups").WithSummary("List the stored backups")
            .WithDescription("Newest first, with all metadata, a page at a time: `limit` (default 100) and `from`, which each " +
                "page's `next` tells.")
            .WithMetadata(new QueryParameter("limit", "Backups on a page", DefaultLimit) { Least = 1, Most = MaxLimit },
                new QueryParameter("from", "Where the page begins", 0) { Least = 0 })
            .Produces<BackupPage>()
            .Fails(StatusCodes.Status400BadRequest, $"limit is '0': write a number from 1 to {MaxLimit}");
        group.MapMethods("/{backup}", [HttpMethods.Get, HttpMethods.Head], FetchAsync).Needs(Verbs.Read).WithName("getStoredBackup")
            .WithSummary("Download one stored backup").SendsBackup().Limited(CallLimits.Download).FailsByName();
        group.MapDelete("/{backup}", DeleteAsync).Needs(Verbs.Delete).WithName("deleteStoredBackup").WithSummary("Delete one stored backup")
            .WithDescription("The last sound one only with `force=true`.")
            .WithMetadata(new QueryParameter("force", "Delete even the last sound backup", true))
            .Produces(StatusCodes.Status204NoContent).FailsByName()
            .Fails(StatusCodes.Status409Conflict, $"{Example} is the last sound backup of default/example: add ?force=true if you mean it");
        group.MapPost("/{backup}/verify", VerifyAsync).Needs(Verbs.Create)
            .WithName("verifyStoredBackup").WithSummary("Read one stored backup back")
            .WithDescription("Every byte: SHA-256, pages, keys, hashes, and whether it is what its metadata says. 200 with " +
                "`verification.sound` true or false.")
            .Produces<VerificationReport>().FailsByName();
    }

    private static RouteHandlerBuilder FailsByName(this RouteHandlerBuilder route) => route
        .Fails(StatusCodes.Status400BadRequest, $"'latest' is no backup: names look like {Example}")
        .Fails(StatusCodes.Status404NotFound,
            $"default/example has no backup {Example}: GET /v1/clusters/default/example/backups lists them");

    private static async Task<IResult> ListAsync(HttpContext context, ClusterResolver clusters)
    {
        var limit = Number(context, "limit", DefaultLimit, 1, MaxLimit);
        var from = Number(context, "from", 0, 0, int.MaxValue);
        var slice = await (await clusters.ResolveAsync(context)).ListBackupsAsync(from, limit);
        var next = (long)from + limit < slice.Total ? from + limit : (int?)null;
        return Results.Ok(new BackupPage([.. slice.Entries.Select(BackupLine.Of)], slice.Total, next));
    }

    private static async Task<IResult> FetchAsync(string backup, HttpContext context, ClusterResolver clusters, BackupDownload download)
    {
        var name = Parse(backup);
        var grain = await clusters.ResolveAsync(context);
        return await grain.FindAsync(new BackupQuestion(name)) is { Spec: { } spec, Backup: { } entry }
            ? await download.AnswerAsync(context, spec, entry)
            : throw Missing(grain.GetPrimaryKeyString(), name);
    }

    private static async Task<IResult> VerifyAsync(string backup, HttpContext context, ClusterResolver clusters)
    {
        var name = Parse(backup);
        var grain = await clusters.ResolveAsync(context);
        return await grain.VerifyAsync(name) is { } report ? Results.Ok(report) : throw Missing(grain.GetPrimaryKeyString(), name);
    }

    private static async Task<IResult> DeleteAsync(string backup, HttpContext context, ClusterResolver clusters)
    {
        var name = Parse(backup);
        var force = context.Request.Query["force"].ToString() switch
        {
            "" or "false" => false,
            "true" => true,
            var other => throw ApiException.BadRequest($"force is '{other}': write true or false"),
        };
        var grain = await clusters.ResolveAsync(context);
        return await grain.DeleteAsync(name, force) switch
        {
            Deletion.Deleted => Results.NoContent(),
            Deletion.NotFound => throw Missing(grain.GetPrimaryKeyString(), name),
            Deletion.Busy => throw new ApiException(
                StatusCodes.Status409Conflict,
                $"another silo is removing {name}, or an older backup of {grain.GetPrimaryKeyString()} because this one stays: try again " +
                    "in a moment; if a silo ended while it did that, in an hour"),
            _ => throw new ApiException(
                StatusCodes.Status409Conflict,
                $"{name} is the last sound backup of {grain.GetPrimaryKeyString()}: add ?force=true if you mean it"),
        };
    }

    private static BackupName Parse(string backup)
    {
        try
        {
            return BackupName.Parse(backup);
        }
        catch (FormatException e)
        {
            throw ApiException.BadRequest(e.Message);
        }
    }

    private static int Number(HttpContext context, string name, int otherwise, int least, int most)
    {
        var text = context.Request.Query[name].ToString();
        if (text == "")
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw ApiException.BadRequest($"{name} is '{text}': write a number from {least} to {most}");
    }

    private static ApiException Missing(string cluster, BackupName name) =>
        ApiException.NotFound($"{cluster} has no backup {name}: GET /v1/clusters/{cluster}/backups lists them");
}
