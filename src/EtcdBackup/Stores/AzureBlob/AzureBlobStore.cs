using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using EtcdBackup.Stores.Remote;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Stores.AzureBlob;

/// <summary>Backups in a container of Azure Blob Storage, as block blobs.</summary>
/// <param name="container">The SDK's client.</param>
/// <param name="scratch">The directory for objects that are being uploaded.</param>
/// <param name="limits">How much is sent at once, and the silence limit.</param>
/// <param name="time">Decides the age of leftovers.</param>
/// <param name="logger">Logs leftovers.</param>
internal sealed class AzureBlobStore(
    BlobContainerClient container, Scratch scratch, RemoteLimits limits, TimeProvider time, ILogger logger) : IBackupStore
{
    private readonly AzureTarget _target = new(container, limits);
    private readonly SilenceLimit _limit = new($"the container '{container.Name}'", limits.Silence, time);

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prefix = folder + "/";
        var options = new GetBlobsByHierarchyOptions { Delimiter = "/", Prefix = prefix };
        var pages = container.GetBlobsByHierarchyAsync(options, cancellationToken).AsPages().GetAsyncEnumerator(cancellationToken);
        await using (pages)
        {
            while (await AskAsync(folder, async () => await pages.MoveNextAsync()))
            {
                // An aborted upload shows an empty object for a moment, which is no backup.
                foreach (var found in pages.Current.Values.Where(v => v.IsBlob && v.Blob.Properties.ContentLength > 0))
                {
                    var about = found.Blob.Properties;
                    yield return new StoredObject(
                        found.Blob.Name[prefix.Length..],
                        about.ContentLength ?? 0,
                        about.LastModified ?? DateTimeOffset.UnixEpoch,
                        about.ETag.ToString() ?? "");
                }
            }
        }
    }

    /// <inheritdoc/>
    public async Task<StoredObject?> StatAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var found = (await AskAsync(key, () => Blob(key).GetPropertiesAsync(cancellationToken: cancellationToken))).Value;
            AzureCalls.WithTag(container.Name, key, found, found.ETag);
            return found.ContentLength == 0
                ? null
                : new StoredObject(key[(key.LastIndexOf('/') + 1)..], found.ContentLength, found.LastModified, found.ETag.ToString());
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenAsync(string key, CancellationToken cancellationToken)
    {
        var found = await StatAsync(key, cancellationToken)
            ?? throw new FileNotFoundException($"'{key}' is not in the container '{container.Name}'", key);
        var same = new BlobRequestConditions { IfMatch = new ETag(found.Tag) };
        return new RangeStream(found.Size, key, limits.Silence, time, async (offset, cancel) =>
        {
            var options = new BlobDownloadOptions { Range = new HttpRange(offset), Conditions = same };
            return (await AskAsync(key, () => Blob(key).DownloadStreamingAsync(options, cancel))).Value.Content;
        });
    }

    /// <inheritdoc/>
    public Task<IPendingObject> BeginAsync(string folder, long expectedSize, CancellationToken cancellationToken) =>
        Task.FromResult<IPendingObject>(new PendingUpload(_target, scratch.Create(expectedSize), folder, expectedSize, _limit, logger));

    /// <inheritdoc/>
    public async Task<byte[]?> ReadDocumentAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var found = (await AskAsync(key, () => Blob(key).DownloadContentAsync(cancellationToken))).Value;
            return AzureCalls.WithTag(container.Name, key, found, found.Details.ETag).Content.ToArray();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task WriteDocumentAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await AskAsync(key, () => Blob(key).UploadAsync(BinaryData.FromBytes(content), overwrite: true, cancellationToken));

    /// <inheritdoc/>
    public Task<bool> TryWriteNewAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        _target.TryPutAsync(key, content, cancellationToken);

    /// <inheritdoc/>
    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(
                key, () => Blob(key).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellationToken));
        }
        catch (StoreException e) when (e.InnerException is RequestFailedException { Status: 403 or 409 })
        {
            throw new DeleteRefusedException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public Task<int> SweepAsync(TimeSpan age, CancellationToken cancellationToken) =>
        AzureLeftovers.SweepAsync(container, time.GetUtcNow() - age, limits.Live, cancellationToken);

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var found = (await AskAsync("", () => container.GetPropertiesAsync(cancellationToken: cancellationToken))).Value;
        AzureCalls.WithTag(container.Name, "", found, found.ETag);
    }

    private BlobClient Blob(string key) => container.GetBlobClient(key);

    private Task<T> AskAsync<T>(string key, Func<Task<T>> call) => AzureCalls.AskAsync(container.Name, key, call);
}
