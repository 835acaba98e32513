namespace EtcdBackup.Secrets;

/// <summary>Reads secrets as Kubernetes has them: texts by key. Read again for each use, so that a renewed one takes effect.</summary>
public interface ISecrets
{
    /// <summary>Reads a secret.</summary>
    /// <param name="inNamespace">Namespace of the cluster that it is for.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SecretException">It cannot be read.</exception>
    ValueTask<Secret> ReadAsync(string inNamespace, string name, CancellationToken cancellationToken);
}
