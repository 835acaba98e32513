using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using EtcdBackup.Stores.Remote;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Stores.S3;

/// <summary>Backups in a bucket of S3, or of a store that speaks its protocol.</summary>
/// <param name="client">The SDK's client.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="prefix">What all keys begin with; empty or without '/' at its ends.</param>
/// <param name="scratch">The directory for objects that are being uploaded.</param>
/// <param name="limits">How much is sent at once, and the silence limit.</param>
/// <param name="time">Decides the age of leftovers.</param>
/// <param name="logger">Logs leftovers.</param>
internal sealed class S3Store(
    IAmazonS3 client, string bucket, string prefix, Scratch scratch, RemoteLimits limits, TimeProvider time, ILogger logger) : IBackupStore
{

    private readonly S3Target _target = new(client, bucket, Join(prefix, StoreLayout.Hidden), limits, logger);
    private readonly SilenceLimit _limit = new($"the bucket '{bucket}'", limits.Silence, time);

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredObject> ListAsync(string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = bucket, Prefix = KeyOf(folder) + "/", Delimiter = "/" };
        ListObjectsV2Response page;
        do
        {
            page = await AskAsync(folder, () => client.ListObjectsV2Async(request, cancellationToken));
            foreach (var found in page.S3Objects ?? [])
            {
                yield return new StoredObject(found.Key[request.Prefix.Length..], found.Size ?? 0, Utc(found.LastModified), found.ETag);
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated is true);
    }

    /// <inheritdoc/>
    public async Task<StoredObject?> StatAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var found = await AskAsync(key, () => client.GetObjectMetadataAsync(bucket, KeyOf(key), cancellationToken));
            S3Calls.WithTag(bucket, key, found, found.ETag);
            return new StoredObject(key[(key.LastIndexOf('/') + 1)..], found.ContentLength, Utc(found.LastModified), found.ETag);
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
            ?? throw new FileNotFoundException($"'{key}' is not in the bucket '{bucket}'", key);
        return new RangeStream(found.Size, key, limits.Silence, time, async (offset, cancel) =>
        {
            var request = new GetObjectRequest { BucketName = bucket, Key = KeyOf(key), EtagToMatch = $"\"{found.Tag}\"" };
            if (offset > 0)
            {
                request.ByteRange = new ByteRange($"bytes={offset}-");
            }

            return (await AskAsync(key, () => client.GetObjectAsync(request, cancel))).ResponseStream;
        });
    }

    /// <inheritdoc/>
    public Task<IPendingObject> BeginAsync(string folder, long expectedSize, CancellationToken cancellationToken) =>
        Task.FromResult<IPendingObject>(
            new PendingUpload(_target, scratch.Create(expectedSize), KeyOf(folder), expectedSize, _limit, logger));

    /// <inheritdoc/>
    public async Task<byte[]?> ReadDocumentAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync<byte[]?>(key, async () =>
            {
                using var found = await client.GetObjectAsync(bucket, KeyOf(key), cancellationToken);
                S3Calls.WithTag(bucket, key, found, found.ETag);
                using var content = new MemoryStream();
                await found.ResponseStream.CopyToAsync(content, cancellationToken);
                return content.ToArray();
            });
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task WriteDocumentAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream(content.ToArray(), writable: false);
        var request = new PutObjectRequest { BucketName = bucket, Key = KeyOf(key), InputStream = body, AutoCloseStream = false };
        var written = await AskAsync(key, () => client.PutObjectAsync(request, cancellationToken));
        S3Calls.WithTag(bucket, key, written, written.ETag);
    }

    /// <inheritdoc/>
    public Task<bool> TryWriteNewAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        _target.TryPutAsync(KeyOf(key), () => new MemoryStream(content.ToArray(), writable: false), cancellationToken);

    /// <inheritdoc/>
    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(key, () => client.DeleteObjectAsync(bucket, KeyOf(key), cancellationToken));
        }
        catch (FileNotFoundException)
        {
            // gone already
        }
        catch (StoreException e) when (
            e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.MethodNotAllowed })
        {
            throw new DeleteRefusedException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public async Task<int> SweepAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - age;
        var swept = 0;
        await foreach (var hidden in ListAsync(StoreLayout.Hidden, cancellationToken))
        {
            if (hidden.LastModified < BeforeOf(hidden.Name, before) && !limits.Live.Has(KeyOf($"{StoreLayout.Hidden}/{hidden.Name}")))
            {
                await DeleteAsync($"{StoreLayout.Hidden}/{hidden.Name}", cancellationToken);
                swept++;
            }
        }

        var ours = prefix == "" ? "" : prefix + "/";
        return swept + await S3Leftovers.SweepAsync(client, bucket, ours, before, limits.Live, cancellationToken);
    }

    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = bucket, Prefix = KeyOf(StoreLayout.Backups), MaxKeys = 1 };
        return AskAsync("", () => client.ListObjectsV2Async(request, cancellationToken));
    }

    private static string Join(string prefix, string key) => prefix == "" ? key : $"{prefix}/{key}";

    private static DateTimeOffset Utc(DateTime? time) =>
        new(DateTime.SpecifyKind((time ?? DateTime.UnixEpoch).ToUniversalTime(), DateTimeKind.Utc));

    // A claim of another process must outlive whatever that may yet do with it, however soon the rest goes.
    private DateTimeOffset BeforeOf(string hidden, DateTimeOffset before)
    {
        var surelyOver = time.GetUtcNow() - limits.Silence * SilenceLimit.Patience * 2;
        return hidden.StartsWith(S3Claims.Prefix, StringComparison.Ordinal) && surelyOver < before ? surelyOver : before;
    }

    private string KeyOf(string key) => Join(prefix, key);

    private Task<T> AskAsync<T>(string key, Func<Task<T>> call) => S3Calls.AskAsync(bucket, key, call);
}
