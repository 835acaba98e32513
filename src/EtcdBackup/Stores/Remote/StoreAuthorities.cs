using EtcdBackup.Secrets;

namespace EtcdBackup.Stores.Remote;

/// <summary>The certificates to trust at remote stores, instead of the machine's.</summary>
/// <param name="Pem">One or more certificates.</param>
/// <param name="Name">Where they come from, for messages.</param>
internal sealed record StoreAuthorities(string Pem, string Name)
{
    /// <summary>The key of a store's secret that holds them.</summary>
    public const string Key = "ca.crt";

    /// <summary>Those in a store's secret; null if it has none.</summary>
    public static StoreAuthorities? Of(Secret? secret) =>
        secret?.Find(Key) is { } pem ? new StoreAuthorities(pem, $"'{Key}' of the secret '{secret.Name}'") : null;
}
