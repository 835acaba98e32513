using Orleans.Messaging;

namespace EtcdBackup.Clustering.Kubernetes;

/// <summary>Tells Orleans clients outside the silos where to connect.</summary>
/// <param name="store">The membership object.</param>
/// <param name="staleness">How old the list may be.</param>
internal sealed class KubernetesGateways(MembershipStore store, TimeSpan staleness) : IGatewayListProvider
{
    /// <inheritdoc/>
    public TimeSpan MaxStaleness => staleness;

    /// <inheritdoc/>
    public bool IsUpdatable => true;

    /// <inheritdoc/>
    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<IList<Uri>> GetGateways() =>
        [.. ((await store.ReadAsync())?.Silos ?? []).Where(r => r.Status == nameof(SiloStatus.Active) && r.ProxyPort > 0)
            .Select(GatewayOf)];

    private static Uri GatewayOf(SiloRow row)
    {
        var silo = SiloAddress.FromParsableString(row.Address);
        return SiloAddress.New(silo.Endpoint.Address, row.ProxyPort, silo.Generation).ToGatewayUri();
    }
}
