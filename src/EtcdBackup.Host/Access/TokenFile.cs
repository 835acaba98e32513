namespace EtcdBackup.Host.Access;

/// <summary>
/// The token file, as it is now. It is read for each request and compared by its content: a secret's volume in Kubernetes is changed by a
/// symbolic link far above the file, of which neither time nor size tell.
/// </summary>
internal sealed partial class TokenFile(AccessOptions options, ILogger<TokenFile> logger)
{
    private readonly Lock _lock = new();
    private string? _text;
    private TokenList _tokens = TokenList.Parse("");

    /// <summary>Whether there is one.</summary>
    public bool IsUsed => options.TokenFile != "";

    /// <summary>The caller with a token; null if it is nobody's.</summary>
    public async ValueTask<Caller?> FindAsync(string token, CancellationToken cancellationToken)
    {
        var text = await ReadAsync(cancellationToken);
        TokenList tokens;
        lock (_lock)
        {
            if (text is not null && text != _text)
            {
                (_text, _tokens) = (text, TokenList.Parse(text));
                foreach (var problem in _tokens.Problems)
                {
                    LogLine(options.TokenFile, problem);
                }
            }

            tokens = _tokens;
        }

        return tokens.Find(token);
    }

    private async ValueTask<string?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(options.TokenFile, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(options.TokenFile, e.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Http:TokenFile '{File}', {Problem}. This line lets nobody in")]
    private partial void LogLine(string file, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "Http:TokenFile '{File}' cannot be read: {Why}. The tokens that it had stay in force")]
    private partial void LogUnreadable(string file, string why);
}
