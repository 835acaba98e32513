using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using EtcdBackup.Stores.Remote;

namespace EtcdBackup.Stores.AzureBlob;

/// <summary>
/// Drops blocks that were sent and never became a blob. Azure keeps them for a week and cannot delete them; but committing none of them,
/// only if there is no blob, drops them, and the empty blob that this makes can be deleted. An empty object is never listed as a backup.
/// </summary>
internal static class AzureLeftovers
{
    public static async Task<int> SweepAsync(
        BlobContainerClient container, DateTimeOffset before, LiveUploads live, CancellationToken cancellationToken)
    {
        var swept = 0;
        foreach (var prefix in new[] { StoreLayout.Backups + "/", StoreLayout.Hidden + "/" })
        {
            var options = new GetBlobsOptions { Prefix = prefix, States = BlobStates.Uncommitted };
            var pages = container.GetBlobsAsync(options, cancellationToken).AsPages().GetAsyncEnumerator(cancellationToken);
            await using (pages)
            {
                while (await AzureCalls.AskAsync(container.Name, prefix, async () => await pages.MoveNextAsync()))
                {
                    foreach (var blob in pages.Current.Values.Where(b => b.Properties.ContentLength is null or 0 || IsHidden(b)))
                    {
                        if (live.Has(AzureTarget.LiveKey(container, blob.Name)))
                        {
                            continue;
                        }

                        swept += await SweepAsync(container, blob, before, cancellationToken) ? 1 : 0;
                    }
                }
            }
        }

        return swept;
    }

    /// <summary>Drops the blocks sent to a key that has no blob.</summary>
    public static async Task DropAsync(BlobContainerClient container, string key, CancellationToken cancellationToken)
    {
        var blob = container.GetBlockBlobClient(key);
        try
        {
            var free = new CommitBlockListOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } };
            var empty = await AzureCalls.AskAsync(container.Name, key, () => blob.CommitBlockListAsync([], free, cancellationToken));
            var same = new BlobRequestConditions { IfMatch = empty.Value.ETag };
            await AzureCalls.AskAsync(
                container.Name, key, () => blob.DeleteAsync(conditions: same, cancellationToken: cancellationToken));
        }
        catch (StoreException e) when (e.InnerException is RequestFailedException { Status: 409 or 412 })
        {
            // A blob was written there meanwhile, which dropped the blocks.
        }
    }

    private static bool IsHidden(BlobItem blob) => blob.Name.StartsWith(StoreLayout.Hidden + "/", StringComparison.Ordinal);

    private static async Task<bool> SweepAsync(
        BlobContainerClient container, BlobItem blob, DateTimeOffset before, CancellationToken cancellationToken)
    {
        // Each new block renews it, so a running upload is young.
        if (blob.Properties.LastModified is { } last && last >= before)
        {
            return false;
        }

        if (blob.Properties.ContentLength > 0)
        {
            var hidden = container.GetBlobClient(blob.Name);
            await AzureCalls.AskAsync(container.Name, blob.Name, () => hidden.DeleteIfExistsAsync(cancellationToken: cancellationToken));
        }
        else
        {
            await DropAsync(container, blob.Name, cancellationToken);
        }

        return true;
    }
}
