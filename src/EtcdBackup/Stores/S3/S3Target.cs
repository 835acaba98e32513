using Amazon.S3;
using Amazon.S3.Model;
using EtcdBackup.Stores.Remote;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Stores.S3;

/// <summary>
/// Writes objects to a bucket: whole, in parts, or copied; never over another one, as far as the store can guarantee that.
/// </summary>
internal sealed partial class S3Target(IAmazonS3 client, string bucket, string hidden, RemoteLimits limits, ILogger logger) : IUploadTarget
{
    // CopyObject takes 5 GiB at most.
    private const long LargestCopy = 4L * 1024 * 1024 * 1024;
    private const long CopyPart = 512L * 1024 * 1024;

    private readonly Places _places = new(limits.Parts);
    private readonly S3Conditions _conditions = new(client, bucket, hidden, limits, logger);

    public string NewHiddenKey() => $"{hidden}/{Guid.NewGuid():N}";

    public Task<IDisposable> EnterAsync(CancellationToken cancellationToken) => _places.EnterAsync(cancellationToken);

    public Task<bool> TryPutAsync(string key, FileSlice file, CancellationToken cancellationToken) => TryPutAsync(
        key,
        () =>
        {
            file.Position = 0;
            return file;
        },
        cancellationToken);

    /// <summary>Writes an object if there is none of that key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="content">Gives the content, from its beginning at each call.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<bool> TryPutAsync(string key, Func<Stream> content, CancellationToken cancellationToken) => _conditions.TryPutAsync(
        key,
        ifNoneMatch =>
        {
            var request = new PutObjectRequest
            {
                BucketName = bucket,
                Key = key,
                InputStream = content(),
                AutoCloseStream = false,
                IfNoneMatch = ifNoneMatch,
            };
            return client.PutObjectAsync(request, cancellationToken);
        },
        cancellationToken);

    public async Task<IUpload> BeginUploadAsync(string key, CancellationToken cancellationToken) =>
        await BeginAsync(key, cancellationToken);

    public async Task<bool> TryCopyAsync(string from, string to, long size, Action progressed, CancellationToken cancellationToken)
    {
        if (await _conditions.ExistsAsync(to, cancellationToken))
        {
            return false;
        }

        using var upload = await BeginAsync(to, cancellationToken);
        var isNew = false;
        try
        {
            var part = size > LargestCopy ? CopyPart : size;
            for (var number = 0; number * part < size; number++)
            {
                await upload.CopyAsync(number, from, number * part, Math.Min(size, (number + 1) * part) - 1, cancellationToken);
                progressed();
            }

            return isNew = await upload.TryCompleteAsync(cancellationToken);
        }
        finally
        {
            if (!isNew)
            {
                await AbortQuietlyAsync(upload);
            }
        }
    }

    public Task DiscardAsync(string key, CancellationToken cancellationToken) =>
        S3Calls.AskAsync(bucket, key, () => client.DeleteObjectAsync(bucket, key, cancellationToken));

    private async Task<S3Upload> BeginAsync(string key, CancellationToken cancellationToken)
    {
        var begun = await S3Calls.AskAsync(bucket, key, () => client.InitiateMultipartUploadAsync(bucket, key, cancellationToken));
        return new S3Upload(client, bucket, key, begun.UploadId, _conditions, limits.Live);
    }

    // How the copy ended is what counts; an error of this would hide it.
    private async Task AbortQuietlyAsync(S3Upload upload)
    {
        using var limit = new CancellationTokenSource(limits.Silence);
        try
        {
            await upload.AbortAsync(limit.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            LogLeftover(logger, upload.Key, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An unfinished copy to {Key} could not be aborted; it is swept later")]
    private static partial void LogLeftover(ILogger logger, string key, Exception exception);
}
