namespace EtcdBackup.Host.Notifying.Sending;

/// <summary>How long and how often a target is tried.</summary>
internal sealed record DeliveryLimits
{
    /// <summary>One request, from the connection to the end of its answer.</summary>
    public TimeSpan Request { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Tries in a row, before the next notification gets its turn.</summary>
    public int Tries { get; init; } = 5;

    /// <summary>The pause after the first failure; it doubles.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest that a target may ask for by <c>Retry-After</c>.</summary>
    public TimeSpan LongestAsked { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>After this time a notification is given up.</summary>
    public TimeSpan Age { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The time between two repetitions of open alerts, where a receiver forgets them.</summary>
    public TimeSpan AlertsEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many may wait for one target.</summary>
    public int Waiting { get; init; } = 500;

    /// <summary>How much of an answer is read.</summary>
    public int AnswerBytes { get; init; } = 4096;
}
