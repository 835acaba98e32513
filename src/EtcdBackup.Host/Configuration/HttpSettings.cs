namespace EtcdBackup.Host.Configuration;

/// <summary>The HTTP side.</summary>
internal sealed class HttpSettings
{
    /// <summary>Addresses to listen on, separated by ';'.</summary>
    public string Urls { get; set; } = "http://127.0.0.1:19999";

    /// <summary>A file with the tokens that callers must send, one a line. Read again when it changes. Empty: no login.</summary>
    public string TokenFile { get; set; } = "";

    /// <summary>Allow callers without a token on addresses other than loopback.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Seconds that <c>backupnow</c> waits before it answers 504; the backup continues.</summary>
    public int BackupNowTimeoutInSecond { get; set; } = 3600;
}
