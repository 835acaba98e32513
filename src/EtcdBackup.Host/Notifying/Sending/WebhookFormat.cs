namespace EtcdBackup.Host.Notifying.Sending;

/// <summary>How a webhook is spoken to.</summary>
internal enum WebhookFormat
{
    /// <summary>Our own JSON, with the headers of CloudEvents.</summary>
    Generic,

    /// <summary>An incoming webhook of Slack, or of what speaks like it.</summary>
    Slack,

    /// <summary>Alertmanager's API, version 2.</summary>
    Alertmanager,

    /// <summary>PagerDuty's Events API, version 2.</summary>
    PagerDuty,
}
