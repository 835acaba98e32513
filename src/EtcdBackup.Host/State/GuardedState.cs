using EtcdBackup.Grains;
using Orleans.Storage;

namespace EtcdBackup.Host.State;

/// <summary>
/// Puts a guard around the state store of a silo: whatever the store does, it blocks no grain and no thread of the silo.
/// </summary>
internal static class GuardedState
{
    // SQLite has one writer, and readers that wait for nobody. A server takes many calls at once; its own pool limits them.
    private const int ReadersOfFile = 4;
    private const int CallsOfServer = 64;

    /// <summary>Guards grain state and reminders.</summary>
    /// <param name="services">The silo's, with both in them.</param>
    /// <param name="holdsThread">Whether the driver blocks the calling thread.</param>
    /// <param name="limit">How long a call may take.</param>
    public static void GuardState(this IServiceCollection services, bool holdsThread, TimeSpan limit)
    {
        var reads = new StateCalls(holdsThread ? ReadersOfFile : CallsOfServer, holdsThread, limit);
        var writes = new StateCalls(holdsThread ? 1 : CallsOfServer, holdsThread, limit, "write");

        var storage = Take(services, typeof(IGrainStorage), GrainStorage.Name);
        services.AddKeyedSingleton<IGrainStorage>(GrainStorage.Name, (p, key) => new GuardedGrainStorage(
            (IGrainStorage)storage.KeyedImplementationFactory!(p, key), p.GetRequiredService<IGrainStorageSerializer>(), reads, writes));

        var reminders = Take(services, typeof(IReminderTable), key: null);
        services.AddSingleton<IReminderTable>(p => new GuardedReminderTable(
            (IReminderTable)(reminders.ImplementationFactory?.Invoke(p) ??
                ActivatorUtilities.CreateInstance(p, reminders.ImplementationType!)), reads, writes));
    }

    private static ServiceDescriptor Take(IServiceCollection services, Type type, object? key)
    {
        var descriptor = services.Last(d => d.ServiceType == type && Equals(d.ServiceKey, key));
        services.Remove(descriptor);
        return descriptor;
    }
}
