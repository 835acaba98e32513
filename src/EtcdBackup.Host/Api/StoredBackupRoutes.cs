using System.Globalization;
using EtcdBackup.Catalog;
using EtcdBackup.Grains;
using EtcdBackup.Upkeep;

namespace EtcdBackup.Host.Api;

/// <summary>The routes to the stored backups of one cluster: list, fetch, verify, delete.</summary>
internal static class StoredBackupRoutes
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    /// <summary>Adds them to the group <c>…/backups</c>.</summary>
    public static void MapStoredBackups(this RouteGroupBuilder group)
    {
        group.MapGet("", ListAsync).WithSummary("List the stored backups")
            .WithDescription("Newest first, with all metadata, a page at a time: `limit` (100 unless told) and `from`, which each " +
                "page's `next` tells.")
            .WithMetadata(new QueryParameter("limit", "Backups on a page, 1 to 1000", "100"),
                new QueryParameter("from", "Where the page begins, from 0", "0"))
            .Produces<BackupPage>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        group.MapMethods("/{backup}", [HttpMethods.Get, HttpMethods.Head], FetchAsync).WithSummary("Download one stored backup")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream").ProducesProblem(StatusCodes.Status400BadRequest)
                .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapDelete("/{backup}", DeleteAsync).WithSummary("Delete one stored backup")
            .WithDescription("The last sound one only with `force=true`.")
            .WithMetadata(new QueryParameter("force", "Delete even the last sound backup", "true"))
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status400BadRequest)
                .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        group.MapPost("/{backup}/verify", VerifyAsync).WithSummary("Read one stored backup back")
            .WithDescription("Every byte: SHA-256, pages, keys, hashes, and whether it is what its metadata says. 200 with " +
                "`verification.sound` true or false.")
            .Produces<VerificationReport>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

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
