using System.Net.Http.Headers;
using EtcdBackup.Clusters;
using EtcdBackup.Host.Notifying.Formats;
using EtcdBackup.Host.Notifying.Watching;

namespace EtcdBackup.Host.Notifying.Sending;

/// <summary>Tells one target, one notification after the other. A target that hangs delays itself, and nothing else.</summary>
internal sealed partial class TargetWorker : IDisposable
{
    private readonly WebhookOptions _options;
    private readonly string _installation;
    private readonly TargetQueue _queue;
    private readonly Func<IEnumerable<OpenAlert>> _open;
    private readonly DeliveryLimits _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IWebhookBody _body;
    private readonly Poster _poster;
    private DateTimeOffset _repeatAt;
    private int _failures;

    /// <summary>The version of its queue that was saved last.</summary>
    public int SavedVersion { get; set; }

    /// <summary>Makes the worker of a target.</summary>
    /// <param name="options">The target.</param>
    /// <param name="notifying">What holds for all targets.</param>
    /// <param name="queue">What it is told.</param>
    /// <param name="open">The problems that are open now, of all clusters.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told what the target is not.</param>
    public TargetWorker(WebhookOptions options, NotifyingOptions notifying, TargetQueue queue, Func<IEnumerable<OpenAlert>> open,
        TimeProvider time, ILogger logger)
    {
        (_options, _installation, _queue, _open, _limits) = (options, notifying.Installation, queue, open, notifying.Limits);
        (_time, _logger) = (time, logger);
        _poster = new Poster(options.Ca, _limits);
        _body = options.Format switch
        {
            WebhookFormat.Slack => new SlackBody(),
            WebhookFormat.PagerDuty => new PagerDutyBody(),
            WebhookFormat.Alertmanager => new AlertmanagerBody(_limits.AlertsEvery, time),
            _ => new GenericBody(),
        };
    }

    /// <summary>Works until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RepeatAsync(cancellationToken);
                if (_queue.Peek() is { } next)
                {
                    await TellAsync(next.Notification, next.Dropped, cancellationToken);
                }
                else
                {
                    await _queue.WaitAsync(_limits.AlertsEvery, cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A fault of ours in one message: the others are told.
                LogFault(_options.Setting, e);
                if (_queue.Peek() is { } bad)
                {
                    _queue.Later(bad.Notification);
                }

                await PauseAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _poster.Dispose();

    private async Task TellAsync(Notification notification, int dropped, CancellationToken cancellationToken)
    {
        if (_time.GetUtcNow() - notification.At > _limits.Age)
        {
            Lose(notification, NotificationLoss.Expired);
            LogTooOld(_options.Setting, notification.Id, _limits.Age);
            return;
        }

        var answer = await SendAsync(
            notification, context => _body.Write(notification, context with { Dropped = dropped }), cancellationToken);
        switch (answer.Kind)
        {
            case AnswerKind.Accepted:
                _queue.Done(notification, dropped);
                NotificationMeter.CountSent(_options.Format.ToString());
                break;
            case AnswerKind.Refused:
                Lose(notification, NotificationLoss.Refused);
                break;
            default:
                _queue.Later(notification);
                await PauseAsync(cancellationToken, answer.RetryAfter);
                break;
        }
    }

    private void Lose(Notification notification, NotificationLoss loss)
    {
        _queue.Drop(notification);
        NotificationMeter.CountLost(_options.Format, loss);
    }

    private async Task RepeatAsync(CancellationToken cancellationToken)
    {
        if (_body is not AlertmanagerBody alerts || _time.GetUtcNow() < _repeatAt)
        {
            return;
        }

        _repeatAt = _time.GetUtcNow() + _limits.AlertsEvery;
        foreach (var some in _open().Where(o => _options.Wants(o.Cluster, o.Problem.Kind)).Chunk(AlertmanagerBody.AtOnce))
        {
            if ((await SendAsync(null, context => alerts.Write(some, context), cancellationToken)).Kind != AnswerKind.Accepted)
            {
                // The next repetition comes soon.
                return;
            }
        }
    }

    private async Task<Answer> SendAsync(
        Notification? notification, Func<FormatContext, byte[]?> write, CancellationToken cancellationToken)
    {
        try
        {
            var (url, secret, token) = (_options.Url.ReadUrl(), Read(_options.Secret), Read(_options.Token));
            var context = new FormatContext(_installation, secret, 0);
            if (write(context) is not { } body)
            {
                return Answer.Accepted;
            }

            return await _poster.SendAsync(() => Make(url, token, body, notification, context),
                [secret, token, url.PathAndQuery.Trim('/')], a => TellLog(a, url.Authority, notification), cancellationToken);
        }
        catch (IOException e)
        {
            // A file with a secret: it may be there again in a moment.
            var answer = new Answer(AnswerKind.Later, e.Message);
            TellLog(answer, "", notification);
            return answer;
        }
    }

    private HttpRequestMessage Make(Uri url, string token, byte[] body, Notification? notification, FormatContext context)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _body.PlaceOf(url)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("EtcdBackup", null));
        if (token != "")
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (notification is not null)
        {
            _body.AddHeaders(request, notification, body, context, _time.GetUtcNow());
        }

        return request;
    }

    private void TellLog(Answer answer, string host, Notification? notification)
    {
        if (answer.Kind != AnswerKind.Accepted)
        {
            NotificationMeter.CountFailure(_options.Format.ToString());
        }

        switch (answer.Kind)
        {
            case AnswerKind.Refused:
                LogRefused(_options.Setting, host, notification?.Id ?? "open alerts", answer.Why);
                break;
            case AnswerKind.Later:
                if (++_failures == 1)
                {
                    LogLater(_options.Setting, host, answer.Why);
                }

                return;
            default:
                if (_failures > 0)
                {
                    LogWell(_options.Setting, host, _failures);
                }

                break;
        }

        _failures = 0;
    }

    private Task PauseAsync(CancellationToken cancellationToken, TimeSpan? asked = null)
    {
        var pause = new Backoff(_limits.FirstPause, _limits.LongestPause).After(_failures);
        return Task.Delay(asked > pause ? asked.Value : pause, cancellationToken);
    }

    private static string Read(SecretText text) => text.IsSet ? text.Read() : "";

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Setting} ({Host}) cannot be told now: {Why}. It is tried again and " +
        "again; this is logged once")]
    private partial void LogLater(string setting, string host, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Setting} ({Host}) is told again, after {Failures} failures")]
    private partial void LogWell(string setting, string host, int failures);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Setting} ({Host}) refused {Id}, which is lost: {Why}")]
    private partial void LogRefused(string setting, string host, string id, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Setting} could not be told of {Id} for {Age}: it is lost")]
    private partial void LogTooOld(string setting, string id, TimeSpan age);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Setting} could not be told, because of an internal error")]
    private partial void LogFault(string setting, Exception exception);
}
