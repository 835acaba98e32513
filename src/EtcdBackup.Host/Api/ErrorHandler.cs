using EtcdBackup.Encodings;
using EtcdBackup.Host.Access;
using EtcdBackup.Stores;
using Microsoft.AspNetCore.Diagnostics;

namespace EtcdBackup.Host.Api;

/// <summary>The one place where an exception becomes an answer. The caller never sees a stack trace; it is logged.</summary>
internal sealed partial class ErrorHandler(ILogger<ErrorHandler> logger) : IExceptionHandler
{
    /// <summary>The answer while a cluster's grain cannot be reached.</summary>
    public const string Moving = "the part of the service that holds this cluster is moving or not reachable: try again in some seconds";

    /// <summary>The answer when a grain is too slow.</summary>
    public const string Late = "the service did not answer in time: try again";

    /// <summary>The answer after an internal error.</summary>
    public const string OwnFault = "the service failed for a reason of its own: its log tells which";

    /// <summary>The answer to a range that cannot be sent.</summary>
    public const string OutsideBackup = "the range lies outside the backup: ask for bytes before its Content-Length";

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, detail) = exception switch
        {
            ApiException e => (e.Status, e.Message),
            BadHttpRequestException e => (e.StatusCode, e.Message),
            SiloUnavailableException or OrleansException =>
                (StatusCodes.Status503ServiceUnavailable, Moving),
            DeleteRefusedException e => (StatusCodes.Status409Conflict, e.Message),
            // Its messages are written for the caller.
            StoreException or EncodingException => (StatusCodes.Status500InternalServerError, exception.Message),
            TimeoutException => (StatusCodes.Status504GatewayTimeout, Late),
            _ => (StatusCodes.Status500InternalServerError, OwnFault),
        };
        if (status >= StatusCodes.Status500InternalServerError && exception is not ApiException)
        {
            LogFailed(httpContext.Request.Method, httpContext.Request.Path, status, exception);
        }

        await httpContext.AnswerProblemAsync(status, detail);
        return true;
    }

    /// <summary>Adds a body to the errors that routing answers by itself.</summary>
    public static async Task ExplainAsync(HttpContext context)
    {
        var detail = context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => $"there is nothing at '{context.Request.Path}': /scalar lists what there is",
            StatusCodes.Status405MethodNotAllowed =>
                $"{context.Request.Method} is not allowed here: allowed are {context.Response.Headers.Allow}",
            StatusCodes.Status416RangeNotSatisfiable => OutsideBackup,
            var status => $"the request was refused with status {status}",
        };
        await context.AnswerProblemAsync(context.Response.StatusCode, detail);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} ended with {Status}")]
    private partial void LogFailed(string method, string path, int status, Exception exception);
}
