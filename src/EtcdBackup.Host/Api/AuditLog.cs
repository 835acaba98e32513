using EtcdBackup.Clusters;
using EtcdBackup.Host.Access;

namespace EtcdBackup.Host.Api;

/// <summary>
/// Writes one line for each request that takes, reads, verifies or deletes a backup, removes a cluster, or is denied: who, what, which
/// cluster, from where, and how it ended. It has a category of its own, so that a log collector can keep it apart.
/// </summary>
internal sealed partial class AuditLog(RequestDelegate next, ILoggerFactory loggers)
{
    /// <summary>The category of its lines.</summary>
    public const string Category = "EtcdBackup.Audit";

    // What else stands in a query may be anything, a token by mistake too.
    private static readonly string[] ToldParameters = ["force", "backups", "etcdVersion", "etcdRevision", "time"];

    private readonly ILogger _logger = loggers.CreateLogger(Category);

    /// <summary>Handles a request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        var isWhole = false;
        try
        {
            await next(context);
            isWhole = !context.RequestAborted.IsCancellationRequested;
        }
        finally
        {
            Write(context, isWhole);
        }
    }

    /// <summary>What a request needs is gone from it once an error is answered: it is kept for this log.</summary>
    public static void Note(HttpContext context, string verb) => context.Items[typeof(AuditLog)] = verb;

    private void Write(HttpContext context, bool isWhole)
    {
        var verb = context.Items[typeof(AuditLog)] as string;
        var status = context.Response.StatusCode;
        var isDenied = status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden;
        var request = context.Request;
        // Whoever looks at the dashboard asks each second, and does nothing.
        var isLook = verb is null or Verbs.Status || (verb == Verbs.Admin && HttpMethods.IsGet(request.Method));
        if (isLook && !isDenied)
        {
            return;
        }

        // Escaped: a blank must not begin another field.
        var cluster = context.Items[typeof(ClusterResolver)] is ClusterKey key ? key.ToString()
            : request.RouteValues.ContainsKey("namespace") ? "-" : $"host:{Uri.EscapeDataString(request.Host.Value ?? "")}";
        LogRequest(
            isDenied ? LogLevel.Warning : LogLevel.Information,
            Caller.Of(context.User)?.Name ?? "nobody",
            LoginScheme.WayOf(context),
            verb ?? "-",
            cluster,
            request.Method,
            // Escaped: a line feed in a path must not begin a line of the log.
            request.Path.ToUriComponent() + QueryString.Create(request.Query.Where(q => ToldParameters.Contains(q.Key))),
            context.Connection.RemoteIpAddress?.ToString() ?? "-",
            isDenied ? $"{status} denied" : isWhole ? $"{status}" : context.Response.HasStarted ? $"{status} cut off" : "cut off");
    }

    [LoggerMessage(Message = "caller={Caller} via={Way} verb={Verb} cluster={Cluster} {Method} {Path} from={Address} outcome={Outcome}")]
    private partial void LogRequest(
        LogLevel level, string caller, string way, string verb, string cluster, string method, string path, string address,
        string outcome);
}
