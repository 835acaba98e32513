namespace EtcdBackup.Simulation;

/// <summary>An object, and the truth about it, which the service cannot see.</summary>
internal sealed class SimObject
{
    public required byte[] Bytes { get; set; }

    public required string Tag { get; set; }

    public required DateTimeOffset At { get; set; }

    /// <summary>When a listing shows it.</summary>
    public required TimeSpan ListedFrom { get; set; }

    /// <summary>The content that was snapshotted; null for documents and what is not sound.</summary>
    public Content? Content { get; init; }

    /// <summary>The true era of the snapshot.</summary>
    public int Era { get; init; }

    public bool IsRotten { get; set; }

    /// <summary>When somebody wrote over it: the store tells so by the tag, which a disk that rots does not change.</summary>
    public TimeSpan? WrittenOverAt { get; set; }

    /// <summary>The bytes before they rotted; a service that read them then may go by them.</summary>
    public byte[]? Before { get; set; }
}
