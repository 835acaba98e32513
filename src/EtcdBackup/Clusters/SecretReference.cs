namespace EtcdBackup.Clusters;

/// <summary>A key of a secret in the cluster's own namespace, written <c>secret:NAME/KEY</c> where a file could stand.</summary>
/// <param name="Name">The secret's name.</param>
/// <param name="Key">The key in it.</param>
public sealed record SecretReference(string Name, string Key)
{
    private const string Prefix = "secret:";

    /// <summary>Whether the text is meant as a reference, well written or not.</summary>
    public static bool IsMeant(string text) => text.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Reads one; null when it is badly written.</summary>
    public static SecretReference? Parse(string text) =>
        IsMeant(text) && text[Prefix.Length..].Split('/') is [{ Length: > 0 } name, { Length: > 0 } key] &&
            name.Split('.').All(ClusterKey.IsLabel) ? new SecretReference(name, key) : null;

    /// <inheritdoc/>
    public override string ToString() => $"{Prefix}{Name}/{Key}";
}
