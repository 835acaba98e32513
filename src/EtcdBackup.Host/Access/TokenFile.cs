namespace EtcdBackup.Host.Access;

/// <summary>The token file, as it is now.</summary>
internal sealed partial class TokenFile
{
    private readonly FollowedFile<TokenList> _file;
    private readonly ILogger _logger;

    /// <summary>Follows the file of the options; without one, no token is anybody's.</summary>
    public TokenFile(AccessOptions options, ILogger<TokenFile> logger)
    {
        _logger = logger;
        _file = new FollowedFile<TokenList>("Http:TokenFile", options.TokenFile, text => Parse(options.TokenFile, text), logger);
    }

    /// <summary>The caller with a token; null if it is nobody's.</summary>
    public async ValueTask<Caller?> FindAsync(string token, CancellationToken cancellationToken) =>
        (await _file.ReadAsync(cancellationToken))?.Find(token);

    private TokenList Parse(string file, string text)
    {
        var tokens = TokenList.Parse(text);
        foreach (var problem in tokens.Problems)
        {
            LogLine(file, problem);
        }

        return tokens;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Http:TokenFile '{File}', {Problem}. This line lets nobody in")]
    private partial void LogLine(string file, string problem);
}
