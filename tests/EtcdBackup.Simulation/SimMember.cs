namespace EtcdBackup.Simulation;

/// <summary>One member.</summary>
internal sealed class SimMember(int number)
{
    public Uri Endpoint { get; } = new($"http://m{number}:2379");

    public ulong Id { get; } = (ulong)number + 100;

    public Content Applied { get; set; } = null!;

    public ulong Index { get; set; }

    public ulong Term { get; set; }

    public bool IsUp { get; set; } = true;

    /// <summary>It answers, and is cut off from the others.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>It is cut off, and has not noticed.</summary>
    public bool TellsLeader { get; set; }

    /// <summary>Which restore or recreation what it has is of.</summary>
    public int Era { get; set; }

    public bool HasCorruptAlarm { get; set; }

    /// <summary>Its snapshots arrive whole and are not sound.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>Its value of one key is another than the others', and it does not know.</summary>
    public bool Differs { get; set; }

    /// <summary>Its snapshots break off.</summary>
    public bool IsBreaking { get; set; }
}
