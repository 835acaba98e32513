namespace EtcdBackup.Host.Notifying.Sending;

/// <summary>Why a notification was lost.</summary>
internal enum NotificationLoss
{
    /// <summary>The target does not take it, now or later.</summary>
    Refused,

    /// <summary>It could not be sent for too long.</summary>
    Expired,

    /// <summary>Too many waited.</summary>
    Displaced,
}
