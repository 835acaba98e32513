using System.Globalization;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using EtcdBackup.Stores.Remote;

namespace EtcdBackup.Stores.AzureBlob;

/// <summary>
/// Writes objects to a container: whole, in blocks, or copied; never over another one, which Azure guarantees for all three.
/// </summary>
internal sealed class AzureTarget(BlobContainerClient container, RemoteLimits limits) : IUploadTarget
{
    private static readonly BlobRequestConditions Free = new() { IfNoneMatch = ETag.All };

    private readonly Places _places = new(limits.Parts);

    public string NewHiddenKey() => $"{StoreLayout.Hidden}/{Guid.NewGuid():N}";

    public Task<IDisposable> EnterAsync(CancellationToken cancellationToken) => _places.EnterAsync(cancellationToken);

    /// <summary>The name of an upload among those of this process.</summary>
    public static string LiveKey(BlobContainerClient container, string key) => $"{container.Uri}/{key}";

    public Task<bool> TryPutAsync(string key, FileSlice file, CancellationToken cancellationToken) =>
        TryAsync(key, () => Blob(key).UploadAsync(file, new BlobUploadOptions { Conditions = Free }, cancellationToken));

    /// <summary>Writes a small object if there is none of that key.</summary>
    public Task<bool> TryPutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => TryAsync(key, () =>
        Blob(key).UploadAsync(new MemoryStream(content.ToArray()), new BlobUploadOptions { Conditions = Free }, cancellationToken));

    public Task<IUpload> BeginUploadAsync(string key, CancellationToken cancellationToken) =>
        Task.FromResult<IUpload>(new AzureUpload(this, container, key, limits.Live.Keep(LiveKey(container, key))));

    public Task<bool> TryCopyAsync(string from, string to, long size, Action progressed, CancellationToken cancellationToken) =>
        TryAsync(to, async () =>
        {
            var options = new BlobCopyFromUriOptions { DestinationConditions = Free };
            var source = container.GetBlobClient(from).Uri;
            var copying = await container.GetBlobClient(to).StartCopyFromUriAsync(source, options, cancellationToken);
            return await copying.WaitForCompletionAsync(cancellationToken);
        });

    public Task DiscardAsync(string key, CancellationToken cancellationToken) =>
        AzureCalls.AskAsync(container.Name, key, () => Blob(key).DeleteIfExistsAsync(cancellationToken: cancellationToken));

    private BlockBlobClient Blob(string key) => container.GetBlockBlobClient(key);

    private async Task<bool> TryAsync<T>(string key, Func<Task<T>> call)
    {
        try
        {
            await AzureCalls.AskAsync(container.Name, key, call);
            return true;
        }
        catch (StoreException e) when (e.InnerException is RequestFailedException { Status: 409 or 412 } || IsBlocksGone(e))
        {
            return false;
        }
    }

    // Another upload to the same key was completed, and that drops the blocks of this one.
    private static bool IsBlocksGone(StoreException e) => e.InnerException is RequestFailedException { ErrorCode: "InvalidBlockList" };

    private sealed class AzureUpload(AzureTarget target, BlobContainerClient container, string key, IDisposable kept) : IUpload
    {
        // All block ids of a blob have one length, and those of another attempt must differ.
        private readonly string _attempt = Guid.NewGuid().ToString("N");
        private int _parts;

        public string Key => key;

        public async Task SendAsync(int number, FileSlice part, CancellationToken cancellationToken)
        {
            await AzureCalls.AskAsync(
                container.Name, key, () => target.Blob(key).StageBlockAsync(Id(number), part, cancellationToken: cancellationToken));
            Interlocked.Increment(ref _parts);
        }

        public Task<bool> TryCompleteAsync(CancellationToken cancellationToken)
        {
            var options = new CommitBlockListOptions { Conditions = Free };
            return target.TryAsync(
                key, () => target.Blob(key).CommitBlockListAsync(Enumerable.Range(0, _parts).Select(Id), options, cancellationToken));
        }

        public Task AbortAsync(CancellationToken cancellationToken) => AzureLeftovers.DropAsync(container, key, cancellationToken);

        public void Dispose() => kept.Dispose();

        private string Id(int number) =>
            Convert.ToBase64String(Encoding.ASCII.GetBytes(_attempt + number.ToString("d6", CultureInfo.InvariantCulture)));
    }
}
