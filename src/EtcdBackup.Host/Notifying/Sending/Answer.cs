namespace EtcdBackup.Host.Notifying.Sending;

/// <summary>How a request to a target ended.</summary>
/// <param name="Kind">What follows from it.</param>
/// <param name="Why">What was wrong, and what to do; empty if nothing was. It has no secret in it.</param>
internal sealed record Answer(AnswerKind Kind, string Why)
{
    /// <summary>It was accepted.</summary>
    public static Answer Accepted { get; } = new(AnswerKind.Accepted, "");

    /// <summary>How long the target asked to wait; null if it did not.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
