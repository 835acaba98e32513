namespace EtcdBackup.Testing;

/// <summary>
/// The servers of remote stores, started when the first test needs them and shared by all of its assembly (as an assembly fixture).
/// </summary>
public sealed class ObjectStores : IAsyncDisposable
{
    private readonly Lazy<Task<RadosGateway>> _s3 = new(RadosGateway.StartAsync);
    private readonly Lazy<Task<Azurite>> _azure = new(Azurite.StartAsync);

    public Task<RadosGateway> S3 => _s3.Value;

    public Task<Azurite> Azure => _azure.Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var server in new Lazy<IAsyncDisposable?>[] { Started(_s3), Started(_azure) })
        {
            if (server.Value is { } started)
            {
                await started.DisposeAsync();
            }
        }
    }

    private static Lazy<IAsyncDisposable?> Started<T>(Lazy<Task<T>> server) where T : IAsyncDisposable =>
        new(() => server.IsValueCreated && server.Value.IsCompletedSuccessfully ? server.Value.Result : null);
}
