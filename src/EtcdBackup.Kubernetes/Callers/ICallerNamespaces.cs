using System.Net;

namespace EtcdBackup.Kubernetes.Callers;

/// <summary>In which namespace a caller runs: there a short name means what it means in DNS.</summary>
public interface ICallerNamespaces
{
    /// <summary>Finds the namespace of the pod that has an address.</summary>
    /// <param name="address">Where a connection comes from.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>
    /// Null if no pod of a watched namespace has the address for itself, as when the connection was translated on its way, and if the API
    /// server does not tell.
    /// </returns>
    Task<string?> FindAsync(IPAddress address, CancellationToken cancellationToken);
}
