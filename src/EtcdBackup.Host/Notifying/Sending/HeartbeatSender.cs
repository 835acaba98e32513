namespace EtcdBackup.Host.Notifying.Sending;

/// <summary>Calls the URL of one heartbeat. What failed is tried again within its period; then the next call is due anyway.</summary>
internal sealed partial class HeartbeatSender : IDisposable
{
    private readonly HeartbeatOptions _options;
    private readonly Poster _poster;
    private readonly ILogger _logger;
    private Task _sending = Task.CompletedTask;
    private string? _told;
    private bool _isFailing;

    /// <summary>Makes the sender of a heartbeat.</summary>
    public HeartbeatSender(HeartbeatOptions options, DeliveryLimits limits, ILogger logger)
    {
        (_options, _logger) = (options, logger);
        NotificationMeter.FollowHeartbeats();
        _poster = new Poster(options.Ca, limits with { Tries = 3, LongestAsked = options.Every });
    }

    /// <summary>Begins to send it, unless the call before still runs.</summary>
    /// <param name="problem">Why not all is well; null if it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public void Send(string? problem, CancellationToken cancellationToken)
    {
        if (problem is null != (_told is null))
        {
            TellChange(problem);
        }

        _told = problem;
        if ((problem is null || _options.FailSuffix != "") && _sending.IsCompleted)
        {
            // Off the grain's turn: it never waits for a receiver.
            _sending = Task.Run(() => SendAsync(problem is null ? "" : _options.FailSuffix, cancellationToken), CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _poster.Dispose();

    private async Task SendAsync(string suffix, CancellationToken cancellationToken)
    {
        try
        {
            var url = _options.Url.ReadUrl();
            var place = new UriBuilder(url) { Path = url.AbsolutePath.TrimEnd('/') + suffix }.Uri;
            await _poster.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, suffix == "" ? url : place),
                [url.PathAndQuery.Trim('/')], a => Tell(url.Authority, a), cancellationToken);
        }
        catch (IOException e)
        {
            Tell("", new Answer(AnswerKind.Later, e.Message));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The silo stops, or the notifier moves.
        }
        catch (Exception e)
        {
            LogFault(_options.Setting, e);
        }
    }

    private void TellChange(string? problem)
    {
        if (problem is null)
        {
            LogWell(_options.Setting);
        }
        else
        {
            LogNotWell(_options.Setting, problem);
        }
    }

    private void Tell(string host, Answer answer)
    {
        var isFailure = answer.Kind != AnswerKind.Accepted;
        if (isFailure && !_isFailing)
        {
            LogFailed(_options.Setting, host, answer.Why);
        }

        _isFailing = isFailure;
        if (isFailure)
        {
            NotificationMeter.CountFailure(NotificationMeter.Heartbeat);
        }
        else
        {
            NotificationMeter.CountSent(NotificationMeter.Heartbeat);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Setting} is sent again: all is well")]
    private partial void LogWell(string setting);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Setting} does not say any more that all is well: {Problem}")]
    private partial void LogNotWell(string setting, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Setting} ({Host}) could not be sent: {Why}. The next is due soon; this is " +
        "logged once")]
    private partial void LogFailed(string setting, string host, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Setting} could not be sent, because of an internal error")]
    private partial void LogFault(string setting, Exception exception);
}
