namespace EtcdBackup.Host.Notifying.Watching;

/// <summary>What the notifier saves: what was told, and what is still to be told.</summary>
internal sealed record NotifierState
{
    /// <summary>The shape that this build writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Version of this shape.</summary>
    public int Format { get; set; } = CurrentFormat;

    /// <summary>The open problems by cluster.</summary>
    public Dictionary<string, List<OpenProblem>> Open { get; set; } = [];

    /// <summary>When the first backup of each cluster was due that has none yet.</summary>
    public Dictionary<string, DateTimeOffset> FirstDue { get; set; } = [];

    /// <summary>What each target has yet to accept, the oldest first.</summary>
    public Dictionary<string, IReadOnlyList<Notification>> Unsent { get; set; } = [];

    /// <summary>How many notifications each target never got, since the last that it did get.</summary>
    public Dictionary<string, int> Dropped { get; set; } = [];
}
