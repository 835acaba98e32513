using EtcdBackup.Clusters;

namespace EtcdBackup.Secrets;

/// <summary>Reads what a spec names as a file: a certificate, a key, a password. It may also be a <see cref="SecretReference"/>.</summary>
/// <param name="secrets">Where secrets are.</param>
internal sealed class CredentialFiles(ISecrets secrets)
{
    /// <summary>Reads one.</summary>
    /// <param name="namespace">The cluster's namespace.</param>
    /// <param name="field">The spec's field, for the message.</param>
    /// <param name="file">A path, or a reference to a secret.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SecretException">It cannot be read.</exception>
    public async Task<string> ReadAsync(string @namespace, string field, string file, CancellationToken cancellationToken)
    {
        try
        {
            if (!SecretReference.IsMeant(file))
            {
                return await File.ReadAllTextAsync(file, cancellationToken);
            }

            var reference = SecretReference.Parse(file) ?? throw new SecretException("write secret:NAME/KEY");
            return (await secrets.ReadAsync(@namespace, reference.Name, cancellationToken))[reference.Key];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecretException)
        {
            throw new SecretException($"{field} '{file}' cannot be read: {e.Message}", e);
        }
    }
}
