using Azure.Core;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;
using EtcdBackup.Clusters;
using EtcdBackup.Secrets;

namespace EtcdBackup.Stores.AzureBlob;

/// <summary>Makes the SDK's client for a spec and its secret.</summary>
internal static class AzureClients
{
    public static BlobContainerClient Create(AbsSpec spec, Secret? secret)
    {
        var options = new BlobClientOptions();
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
            return new BlobContainerClient(ContainerOf(endpoint, spec), new StorageSharedKeyCredential(account, secret["storage-key"]), options);
        }
        catch (FormatException e)
        {
            throw new StoreException("the file 'storage-key' of the secret of abs.absSecret is no base64: copy the account's key as Azure shows it", e);
        }
    }

    private static Uri ContainerOf(string endpoint, AbsSpec spec) => new($"{endpoint.TrimEnd('/')}/{spec.AbsContainer}");
}
