namespace EtcdBackup.Host.Configuration;

/// <summary>The HTTP side.</summary>
internal sealed class HttpSettings
{
    /// <summary>Addresses to listen on, separated by ';'.</summary>
    public string Urls { get; set; } = "http://127.0.0.1:19999";

    /// <summary>
    /// A file with the tokens of callers: on each line <c>NAME sha256:HEX GRANT …</c>, or a token alone, which may do everything.
    /// Empty: no login.
    /// </summary>
    public string TokenFile { get; set; } = "";

    /// <summary>What callers without a token may do: grants, such as <c>status</c> or <c>backup:read@team-a/*</c>. Empty: nothing, or
    /// everything where there is no <see cref="TokenFile"/> and only this machine can call.</summary>
    public IReadOnlyList<string> AllowAnonymous { get; set; } = [];

    /// <summary>Seconds that <c>backupnow</c> waits before it answers 504; the backup continues.</summary>
    public int BackupNowTimeoutInSecond { get; set; } = 3600;

    /// <summary>How many calls of <c>backupnow</c> a caller may make for one cluster within a minute; 0: any number.</summary>
    public int BackupNowPerMinute { get; set; } = 120;

    /// <summary>How many backups of one cluster are sent at once; the next callers wait. 0: any number.</summary>
    public int DownloadsPerCluster { get; set; } = 64;
}
