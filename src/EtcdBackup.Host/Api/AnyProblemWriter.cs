using System.Net.Mime;

namespace EtcdBackup.Host.Api;

/// <summary>
/// Writes an error for callers whose <c>Accept</c> does not have it, such as <c>application/octet-stream</c> for a backup. ASP.NET would
/// rather answer 500 than what was not asked for, and the error's own status would be lost.
/// </summary>
internal sealed class AnyProblemWriter : IProblemDetailsWriter
{
    /// <inheritdoc/>
    public bool CanWrite(ProblemDetailsContext context) => true;

    /// <inheritdoc/>
    public ValueTask WriteAsync(ProblemDetailsContext context) => new(context.HttpContext.Response.WriteAsJsonAsync(
        context.ProblemDetails, options: null, contentType: MediaTypeNames.Application.ProblemJson, context.HttpContext.RequestAborted));
}
