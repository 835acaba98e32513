using System.Security.Cryptography;
using System.Text;

namespace EtcdBackup.Secrets;

/// <summary>The texts of a secret by their keys.</summary>
/// <param name="name">Its name.</param>
/// <param name="texts">Key and text.</param>
public sealed class Secret(string name, IReadOnlyDictionary<string, string> texts)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>Changes when any of the texts does.</summary>
    public string Fingerprint { get; } =
        Convert.ToHexString(SHA256.HashData(
            Encoding.UTF8.GetBytes(
            string.Join('\0', texts.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => f.Key + '\0' + f.Value)))));

    /// <summary>What is under a key.</summary>
    /// <exception cref="SecretException">There is no such key.</exception>
    public string this[string key] =>
        Find(key) ?? throw new SecretException(
        $"the secret '{Name}' has no key '{key}' (it has {string.Join(", ", texts.Keys.Order(StringComparer.Ordinal))})");

    /// <summary>What is under a key; null when there is no such key.</summary>
    public string? Find(string key) => texts.GetValueOrDefault(key);
}
