using EtcdBackup.Secrets;
using EtcdBackup.Tls;

namespace EtcdBackup.Stores.Remote;

/// <summary>How connections to one remote store are made.</summary>
/// <param name="Authorities">Whom to trust; null: the machine's own.</param>
/// <param name="Rules">Where they may go.</param>
internal sealed record StoreConnections(StoreAuthorities? Authorities, AddressRules Rules)
{
    /// <summary>Those of an SDK as it is.</summary>
    public static StoreConnections Default { get; } = new(null, AddressRules.All);

    /// <summary>Whether an SDK's own connections will not do.</summary>
    public bool AreOurs => Authorities is not null || Rules.AreSome;

    /// <summary>These, or those that the store's secret asks for.</summary>
    public StoreConnections With(Secret? secret) => this with { Authorities = StoreAuthorities.Of(secret) ?? Authorities };

    /// <summary>Makes the HTTP handler.</summary>
    /// <exception cref="StoreException">The authorities cannot be used.</exception>
    public SocketsHttpHandler CreateHandler()
    {
        try
        {
            var trusted = Authorities is { } named ? Tls.Authorities.Parse(named.Pem, named.Name) : Tls.Authorities.OfMachine;
            var handler = HttpsHandler.Create(() => trusted);

            // A proxy of the machine is used as ever; then its address is the one that is judged.
            handler.ConnectCallback = async (context, cancellationToken) =>
                await Dialer.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, Rules, cancellationToken);
            return handler;
        }
        catch (TlsFaultException e)
        {
            throw new StoreException(e.Message, e);
        }
    }
}
