using System.Globalization;
using System.Threading.RateLimiting;
using EtcdBackup.Host.Access;
using EtcdBackup.Host.Configuration;
using Microsoft.AspNetCore.RateLimiting;

namespace EtcdBackup.Host.Api;

/// <summary>How often and how much at once callers may ask for what costs the cluster, or the line, something.</summary>
internal static class CallLimits
{
    /// <summary>Of <c>backupnow</c>: so many a minute for each caller and cluster, and as many at once.</summary>
    public const string BackupNow = "backupnow";

    /// <summary>Of downloads: so many at once for each caller and cluster; the next ones wait.</summary>
    public const string Download = "download";

    /// <summary>The answer to one call too many.</summary>
    public const string TooMany = "too many calls for this cluster: wait as long as Retry-After says";

    // On the day of a disaster many init containers come at once: they wait their turn, and beyond this somebody is wrong.
    private const int Waiting = 1000;

    /// <summary>Adds the limits.</summary>
    public static void AddCallLimits(this IServiceCollection services, HttpSettings http) => services.AddRateLimiter(options =>
    {
        options.AddPolicy(BackupNow, context => http.BackupNowPerMinute == 0 ? RateLimitPartition.GetNoLimiter("")
            : RateLimitPartition.GetTokenBucketLimiter(WhoAndWhat(context), _ => new()
            {
                TokenLimit = http.BackupNowPerMinute,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = TimeSpan.FromMinutes(1) / http.BackupNowPerMinute,
            }));
        options.AddPolicy(Download, context => http.DownloadsPerCluster == 0 || HttpMethods.IsHead(context.Request.Method)
            ? RateLimitPartition.GetNoLimiter("")
            : RateLimitPartition.GetConcurrencyLimiter(WhoAndWhat(context), _ => new()
            {
                PermitLimit = http.DownloadsPerCluster,
                QueueLimit = Waiting,
            }));
        options.OnRejected = (rejected, _) => RefuseAsync(rejected);
    });

    /// <summary>The route has a limit.</summary>
    public static RouteHandlerBuilder Limited(this RouteHandlerBuilder route, string policy) =>
        route.RequireRateLimiting(policy).Fails(StatusCodes.Status429TooManyRequests, TooMany);

    // Who was let in was let in for a cluster.
    private static string WhoAndWhat(HttpContext context) =>
        $"{Caller.Of(context.User)?.Name} {LoginScheme.WayOf(context)} {context.Items[typeof(ClusterResolver)]}";

    private static async ValueTask RefuseAsync(OnRejectedContext rejected)
    {
        var (context, wait) = (rejected.HttpContext, rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after)
            ? after : TimeSpan.FromSeconds(1));
        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        await context.AnswerProblemAsync(StatusCodes.Status429TooManyRequests, TooMany);
    }
}
