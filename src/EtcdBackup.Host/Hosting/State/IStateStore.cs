namespace EtcdBackup.Host.Hosting.State;

/// <summary>Where grain state and reminders are kept.</summary>
internal interface IStateStore
{
    /// <summary>Makes the silo keep state and reminders here.</summary>
    void Use(ISiloBuilder silo);

    /// <summary>Throws when the state cannot be read and written.</summary>
    Task CheckAsync(CancellationToken cancellationToken);
}
