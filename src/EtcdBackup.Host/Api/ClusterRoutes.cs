using EtcdBackup.Grains;
using EtcdBackup.Host.Access;

namespace EtcdBackup.Host.Api;

/// <summary>The routes to the list of clusters: show it, and remove one from it.</summary>
internal static class ClusterRoutes
{
    private static readonly TimeSpan MovePause = TimeSpan.FromMilliseconds(200);

    /// <summary>Adds them.</summary>
    public static void MapClusterRoutes(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/clusters", ListAsync).Needs(Verbs.Status, GrantScope.Some)
            .WithName("listClusters").WithTags(ApiTags.Clusters).WithSummary("List the clusters")
            .WithDescription("Every registered cluster with its next due time and last outcome. One that no source names any more has " +
                "`missingSince`, `unregisteredAt` and, with autoDelete, `backupsDeletedAt`: the moments when that happened or will " +
                "happen, unless it is named again.")
            .Produces<IReadOnlyList<ClusterLine>>();
        app.MapDelete("/v1/clusters/{namespace}/{name}", RemoveAsync).Needs(Verbs.Admin)
            .WithName("removeCluster").WithTags(ApiTags.Clusters)
            .WithSummary("Remove a cluster at once")
            .WithDescription("It is backed up no more. Its backups stay, unless `backups=delete`. Refused while a configuration file " +
                "or a resource names it: take it out there first.")
            .WithMetadata(new QueryParameter("backups", "What becomes of its backups", "keep") { Choices = ["keep", "delete"] })
            .Produces(StatusCodes.Status204NoContent)
            .FailsByPath()
            .Fails(StatusCodes.Status409Conflict, "default/example is still named by the file /etc/etcd-backup/config.json: remove it " +
                "there first, or it would come back");
    }

    private static async Task<IResult> ListAsync(HttpContext context, IGrainFactory grains)
    {
        var caller = Caller.Of(context.User)!;
        var lines = new List<ClusterLine>();
        foreach (var chunk in (await Directory(grains).ListAllAsync()).Where(c => caller.May(Verbs.Status, c.Key)).Chunk(256))
        {
            lines.AddRange(await Task.WhenAll(chunk.Select(c => LineAsync(grains, c))));
        }

        return Results.Ok(lines);
    }

    // A cluster that is moving, or whose silo just died, must not keep the others from being listed.
    private static async Task<ClusterLine> LineAsync(IGrainFactory grains, ListedCluster cluster)
    {
        for (var tries = 0; cluster.IsRegistered && tries < 3; tries++)
        {
            try
            {
                return ClusterLine.Of(cluster, await grains.GetGrain<IBackupGrain>(cluster.Key.ToString()).GetSummaryAsync());
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                await Task.Delay(MovePause);
            }
        }

        return ClusterLine.Unknown(cluster);
    }

    private static async Task<IResult> RemoveAsync(string @namespace, string name, HttpContext context, IGrainFactory grains)
    {
        var key = ClusterResolver.KeyOf(@namespace, name);
        var isDeleting = context.Request.Query["backups"].ToString() switch
        {
            "" or "keep" => false,
            "delete" => true,
            var other => throw ApiException.BadRequest($"backups is '{other}': write keep or delete"),
        };
        var answer = await Directory(grains).RemoveAsync(key, isDeleting);
        if (!answer.IsKnown)
        {
            throw ClusterResolver.NotRegistered(key);
        }

        if (answer.NamedBy.Count > 0)
        {
            throw new ApiException(StatusCodes.Status409Conflict, $"{key} is still named by {string.Join(" and ", answer.NamedBy)}: " +
                $"remove it there first, or it would come back");
        }

        return answer.Obstacle is { } obstacle ? throw new ApiException(StatusCodes.Status409Conflict, obstacle) : Results.NoContent();
    }

    private static IClusterDirectoryGrain Directory(IGrainFactory grains)
        => grains.GetGrain<IClusterDirectoryGrain>(IClusterDirectoryGrain.Key);
}
