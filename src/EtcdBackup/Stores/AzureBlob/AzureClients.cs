using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;
using EtcdBackup.Clusters;
using EtcdBackup.Secrets;
using EtcdBackup.Stores.Remote;

namespace EtcdBackup.Stores.AzureBlob;

/// <summary>Makes the SDK's client from a spec and its secret.</summary>
internal static class AzureClients
{
    public static BlobContainerClient Create(AbsSpec spec, Secret? secret, TimeSpan? silence = null, StoreConnections? connections = null)
    {
        var options = new BlobClientOptions();

        // StoreEdge limits silence; this only ends abandoned calls. A block over a slow line needs time.
        options.Retry.NetworkTimeout = (silence ?? RemoteLimits.Default.Silence) * SilenceLimit.Patience;
        var made = (connections ?? StoreConnections.Default).With(secret);
        if (made.AreOurs)
        {
            options.Transport = new HttpClientTransport(made.CreateHandler());
        }

        options.Retry.MaxRetries = 4;
        options.Retry.Mode = RetryMode.Exponential;
        if (secret is null)
        {
            return new BlobContainerClient(ContainerOf(spec.Endpoint, spec), new DefaultAzureCredential(), options);
        }

        var account = secret["storage-account"];
        try
        {
            var endpoint = spec.Endpoint != "" ? spec.Endpoint : $"https://{account}.blob.core.windows.net";
            var credential = new StorageSharedKeyCredential(account, secret["storage-key"]);
            return new BlobContainerClient(ContainerOf(endpoint, spec), credential, options);
        }
        catch (FormatException e)
        {
            throw new StoreException(
                "the file 'storage-key' of the secret of abs.absSecret is no base64, or abs.endpoint no address: copy the account's key " +
                "as Azure shows it",
                e);
        }
    }

    private static Uri ContainerOf(string endpoint, AbsSpec spec) => new($"{endpoint.TrimEnd('/')}/{spec.AbsContainer}");
}
