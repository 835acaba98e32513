namespace EtcdBackup.Host.Api;

/// <summary>Details of routes for the OpenAPI document.</summary>
internal static class RouteDetails
{
    private static readonly ResponseHeader[] BackupHeaders =
    [
        new("X-etcd-Version", "The cluster's etcd version when the backup was taken", "3.5.30"),
        new("X-Revision", "The revision in the backup", "15"),
        new("ETag", "The backup's SHA-256", "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\""),
        new("Last-Modified", "When the backup was taken", "Tue, 24 Nov 2026 12:00:00 GMT"),
        new("Accept-Ranges", "A broken download can be resumed", "bytes"),
        new("Content-Disposition", "The backup's name", "attachment; filename=3.5.30_000000000000000f_etcd.backup"),
    ];

    /// <summary>The route may answer with an error. The details of a route replace those of its group.</summary>
    public static T Fails<T>(this T route, int status, string detail) where T : IEndpointConventionBuilder =>
        route.ProducesProblem(status).WithMetadata(new ErrorExample(status, detail));

    /// <summary>The route sends a backup, whole or in part.</summary>
    public static RouteHandlerBuilder SendsBackup(this RouteHandlerBuilder route) => route
        .Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream")
        .Produces<Stream>(StatusCodes.Status206PartialContent, "application/octet-stream")
        .Fails(StatusCodes.Status416RangeNotSatisfiable, ErrorHandler.OutsideBackup)
        .WithMetadata([.. BackupHeaders]);
}
