namespace EtcdBackup.Secrets;

/// <summary>Secrets as Kubernetes mounts them: each a directory with one file for each key.</summary>
/// <param name="root">The directory of secrets; empty when none is configured.</param>
public sealed class MountedSecrets(string root) : ISecrets
{
    /// <summary>Whether <c>ROOT/SECRET</c> is not allowed: if any tenant may name secrets, nobody may name those of others.</summary>
    public bool OnlyOfNamespaces { get; init; }

    /// <summary>Whether there is such a secret.</summary>
    public bool Has(string inNamespace, string name) => root != "" && Directory.Exists(DirectoryOf(inNamespace, name));

    /// <summary>
    /// Reads the files of a secret: <c>ROOT/NAMESPACE/SECRET</c>, or <c>ROOT/SECRET</c> where the namespace has no folder.
    /// </summary>
    /// <inheritdoc/>
    public async ValueTask<Secret> ReadAsync(string inNamespace, string name, CancellationToken cancellationToken)
    {
        if (root == "")
        {
            throw new SecretException(
                $"the secret '{name}' cannot be read: set Backups:SecretsDirectory to the directory that secrets are mounted in");
        }

        var directory = DirectoryOf(inNamespace, name);
        try
        {
            var texts = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var file in Directory.EnumerateFiles(directory))
            {
                texts[Path.GetFileName(file)] = (await File.ReadAllTextAsync(file, cancellationToken)).Trim();
            }

            return new Secret(name, texts);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SecretException($"the secret '{name}' cannot be read: {e.Message} Mount it as a directory of files", e);
        }
    }

    private string DirectoryOf(string inNamespace, string name)
    {
        var ofNamespace = Path.Combine(root, inNamespace);
        return Path.Combine(OnlyOfNamespaces || Directory.Exists(ofNamespace) ? ofNamespace : root, name);
    }
}
