namespace EtcdBackup.Host.State;

/// <summary>Where grain state and reminders are kept.</summary>
internal interface IStateStore
{
    /// <summary>Whether its driver holds the thread that calls it until the store has answered.</summary>
    bool HoldsThread { get; }

    /// <summary>Makes the silo keep state and reminders here.</summary>
    void Use(ISiloBuilder silo);

    /// <summary>Throws when the state cannot be read and written. Holds no thread of its caller.</summary>
    Task CheckAsync(CancellationToken cancellationToken);
}
