using k8s;

namespace EtcdBackup.Kubernetes.Watching;

/// <summary>Lists and watches one kind of object.</summary>
/// <typeparam name="T">The object.</typeparam>
internal interface IListWatch<T>
{
    /// <summary>What is watched, for messages: plural, group and where.</summary>
    string What { get; }

    /// <summary>Reads all objects.</summary>
    /// <returns>The objects, and the version of the list, from which a watch continues.</returns>
    Task<(IReadOnlyList<T> Items, string Version)> ListAsync(CancellationToken cancellationToken);

    /// <summary>Returns the changes after a version, until the server ends the watch after <paramref name="timeout"/>.</summary>
    /// <exception cref="KubernetesException">The server sent an error, as when it no longer knows the version.</exception>
    IAsyncEnumerable<(WatchEventType Type, T Item)> WatchAsync(string version, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>An object's name with its namespace.</summary>
    string KeyOf(T item);

    /// <summary>An object's version.</summary>
    string VersionOf(T item);
}
