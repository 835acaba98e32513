using Microsoft.AspNetCore.Mvc;

namespace EtcdBackup.Host.Access;

/// <summary>An error as an answer: problem details (RFC 9457).</summary>
internal static class ProblemAnswer
{
    /// <summary>Answers with a status, and one sentence of what was wrong and what to do.</summary>
    public static async Task AnswerProblemAsync(this HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        await context.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails { Status = status, Detail = detail },
        });
    }
}
