using System.Net;
using EtcdBackup.Host.Access;
using EtcdBackup.Tls;
using Polly;
using Polly.Retry;

namespace EtcdBackup.Host.Notifying.Sending;

/// <summary>
/// Sends requests to one target, and tries again what may work later. No answer can do harm: it is limited in time and in bytes, and leads
/// nowhere else. Its times are real ones, whatever clock decides what is told: a receiver takes as long as it takes.
/// </summary>
internal sealed class Poster : IDisposable
{
    private const int Told = 200;
    private const string Withheld = "what went wrong repeats a secret, and is not logged";

    private readonly DeliveryLimits _limits;
    private readonly HttpMessageInvoker _http;
    private readonly ResiliencePipeline<Answer> _tries;

    /// <summary>Makes it for one target.</summary>
    /// <param name="ca">Certificates to trust; not set: the machine's own.</param>
    /// <param name="limits">The limits.</param>
    public Poster(SecretText ca, DeliveryLimits limits)
    {
        _limits = limits;
        var handler = HttpsHandler.Create(() => !ca.IsSet ? Authorities.OfMachine
            : Authorities.Parse(ca.Read(), $"{ca.Setting} '{ca.File}'"));
        handler.UseCookies = false;
        handler.ConnectTimeout = limits.Request;
        handler.MaxResponseHeadersLength = 16;
        handler.MaxResponseDrainSize = limits.AnswerBytes;
        handler.ActivityHeadersPropagator = null;
        // A name may lead elsewhere tomorrow.
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
        _http = new HttpMessageInvoker(handler);
        _tries = new ResiliencePipelineBuilder<Answer>().AddRetry(new RetryStrategyOptions<Answer>
        {
            MaxRetryAttempts = Math.Max(1, limits.Tries - 1),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = limits.FirstPause,
            MaxDelay = limits.LongestPause,
            ShouldHandle = a => ValueTask.FromResult(a.Outcome.Result is { Kind: AnswerKind.Later }),
            DelayGenerator = a => ValueTask.FromResult(a.Outcome.Result?.RetryAfter),
        }).Build();
    }

    /// <summary>Sends a request, several times if need be.</summary>
    /// <param name="make">Makes the request anew for each try: its signature has the time in it.</param>
    /// <param name="secrets">What no message may repeat.</param>
    /// <param name="tried">Is told of each try: all of them together may take long.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Answer> SendAsync(
        Func<HttpRequestMessage> make, IReadOnlyList<string> secrets, Action<Answer> tried, CancellationToken cancellationToken) =>
        await _tries.ExecuteAsync(async stop =>
        {
            var answer = await TryAsync(make, secrets, stop);
            tried(answer);
            return answer;
        }, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<Answer> TryAsync(Func<HttpRequestMessage> make, IReadOnlyList<string> secrets, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_limits.Request);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var request = make();
            using var response = await _http.SendAsync(request, both.Token);
            if (response.IsSuccessStatusCode)
            {
                return Answer.Accepted;
            }

            var said = await ReadAsync(response.Content, both.Token);
            return Judge(response, Secretive.Repeats(said, secrets) ? "" : Short(said));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Answer(AnswerKind.Later, $"it did not answer within {_limits.Request.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TlsFaultException or FormatException)
        {
            var why = string.Join(": ", Causes(e).Select(c => Caller.InOneLine(c.Message)).Distinct());
            return new Answer(AnswerKind.Later, Secretive.Repeats(why, secrets) ? Withheld : why);
        }
    }

    private Answer Judge(HttpResponseMessage response, string said)
    {
        var status = response.StatusCode;
        var what = $"it answered {(int)status}{(said == "" ? "" : $" '{said}'")}";
        return (int)status is >= 500 or (int)HttpStatusCode.RequestTimeout or (int)HttpStatusCode.TooManyRequests or 425
            ? new Answer(AnswerKind.Later, what) { RetryAfter = RetryAfter(response) }
            : new Answer(AnswerKind.Refused, what + status switch
            {
                < HttpStatusCode.BadRequest => ": redirects are not followed. Write the URL that it leads to",
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ": look at its secret, its token and its URL",
                HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.MethodNotAllowed => ": look at its URL",
                _ => ": it does not take this message. Look at its Format and at its own log",
            });
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter is { } after ? after.Delta ?? (after.Date - DateTimeOffset.UtcNow) : null;
        return asked is { } wait ? TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, _limits.LongestAsked.Ticks)) : null;
    }

    // For the log: what a receiver says of its refusal. It may lie, be endless, or stop in the middle.
    private async Task<string> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = new byte[_limits.AnswerBytes];
        var length = 0;
        try
        {
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException)
        {
            return "";
        }

        return Caller.InOneLine(System.Text.Encoding.UTF8.GetString(buffer, 0, length).Trim());
    }

    private static string Short(string text) => text.Length <= Told ? text : text[..Told] + "…";

    private static IEnumerable<Exception> Causes(Exception fault)
    {
        for (var cause = fault; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }
}
