namespace EtcdBackup.Host.Notifying.Sending;

/// <summary>What follows from a target's answer.</summary>
internal enum AnswerKind
{
    /// <summary>It has it.</summary>
    Accepted,

    /// <summary>It may have it when it is asked again.</summary>
    Later,

    /// <summary>It never will.</summary>
    Refused,
}
