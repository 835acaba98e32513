namespace EtcdBackup.Host.State;

/// <summary>Where grain state and reminders are kept.</summary>
internal interface IStateStore
{
    /// <summary>Whether its driver blocks the calling thread until the store has answered.</summary>
    bool HoldsThread { get; }

    /// <summary>Makes the silo store state and reminders here.</summary>
    void Use(ISiloBuilder silo);

    /// <summary>Throws if the state cannot be read and written. Does not block the calling thread.</summary>
    Task CheckAsync(CancellationToken cancellationToken);
}
