using System.Security.Cryptography;
using System.Text;

namespace EtcdBackup.Stores.Remote;

/// <summary>A secret as Kubernetes mounts it: a directory with one file for each key. Read anew each time, so that a renewed one is taken up.</summary>
/// <param name="root">The directory of secrets; empty when none is configured.</param>
internal sealed class SecretDirectory(string root)
{
    /// <summary>Reads the files of a secret: <c>ROOT/NAMESPACE/SECRET</c>, or <c>ROOT/SECRET</c> where the namespace has no folder.</summary>
    /// <exception cref="StoreException">It is not there.</exception>
    public Secret Read(string @namespace, string name)
    {
        if (root == "")
        {
            throw new StoreException($"the secret '{name}' cannot be read: set Backups:SecretsDirectory to the directory that secrets are mounted in");
        }

        var ofNamespace = Path.Combine(root, @namespace);
        var directory = Path.Combine(Directory.Exists(ofNamespace) ? ofNamespace : root, name);
        try
        {
            return new Secret(directory, Directory.EnumerateFiles(directory).ToDictionary(f => Path.GetFileName(f), f => File.ReadAllText(f).Trim(), StringComparer.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"the secret '{name}' cannot be read: {e.Message} Mount it as a directory of files", e);
        }
    }
}

/// <summary>The files of a secret by their names.</summary>
internal sealed class Secret(string directory, IReadOnlyDictionary<string, string> files)
{
    /// <summary>Where they are.</summary>
    public string Directory { get; } = directory;

    /// <summary>Changes when any of the files does.</summary>
    public string Fingerprint { get; } =
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => f.Key + '\0' + f.Value)))));

    /// <summary>The path of a file that may be there.</summary>
    public string? PathOf(string file) => files.ContainsKey(file) ? Path.Combine(Directory, file) : null;

    /// <summary>What is in a file.</summary>
    /// <exception cref="StoreException">There is no such file.</exception>
    public string this[string file] => files.TryGetValue(file, out var text)
        ? text
        : throw new StoreException($"the secret '{Path.GetFileName(Directory)}' has no file '{file}' (it has {string.Join(", ", files.Keys)})");
}
