using EtcdBackup.Tls;

namespace EtcdBackup.Host.Access;

/// <summary>
/// A file as it is now. It is read for each request and compared by its content: a secret's volume in Kubernetes is changed by a symbolic
/// link far above the file, of which neither time nor size tell. While it cannot be used, what it held before stays in force.
/// </summary>
/// <param name="setting">The setting that names it.</param>
/// <param name="file">The file; empty: there is none.</param>
/// <param name="parse">Reads its text; a <see cref="FormatException"/> or <see cref="TlsFaultException"/> says why it cannot.</param>
/// <param name="logger">Is told why the file cannot be used.</param>
internal sealed partial class FollowedFile<T>(string setting, string file, Func<string, T> parse, ILogger logger) where T : class
{
    private readonly Lock _lock = new();
    private string? _text;
    private T? _content;

    /// <summary>What it holds; null if it never could be used.</summary>
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        var text = file == "" ? null : await TextAsync(cancellationToken);
        lock (_lock)
        {
            if (text is not null && text != _text)
            {
                // Remembered even if it cannot be used: that is logged once.
                _text = text;
                _content = Parse(text) ?? _content;
            }

            return _content;
        }
    }

    private async ValueTask<string?> TextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnusable(setting, file, e.Message);
            return null;
        }
    }

    private T? Parse(string text)
    {
        try
        {
            return parse(text);
        }
        catch (Exception e) when (e is FormatException or TlsFaultException)
        {
            LogUnusable(setting, file, e.Message);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Setting} '{File}' cannot be used: {Why}. What it held before stays in force")]
    private partial void LogUnusable(string setting, string file, string why);
}
