using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using EtcdBackup.Stores.Remote;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Stores.S3;

/// <summary>
/// Tries once whether a store keeps "create only if absent" when an upload in parts is completed: its answers do not show it.
/// </summary>
internal sealed partial class S3Probe(IAmazonS3 client, string bucket, string hidden, RemoteLimits limits, ILogger logger)
{
    private bool? _completeKeeps;

    /// <summary>Whether it does.</summary>
    public async Task<bool> CompleteKeepsAsync(CancellationToken cancellationToken)
    {
        // Two at once may both ask; they learn the same.
        if (_completeKeeps is null)
        {
            var key = $"{hidden}/probe-{Guid.NewGuid():N}";
            using var kept = limits.Live.Keep(key);
            await S3Calls.AskAsync(bucket, key, () => UploadAsync(key, null, cancellationToken));
            _completeKeeps = await RefusesAsync(key, cancellationToken);
            await TidyAsync(key, cancel => client.DeleteObjectAsync(bucket, key, cancel));
        }

        return _completeKeeps.Value;
    }

    private async Task<bool> RefusesAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return !await S3Conditions.OnceAsync(bucket, key, "*", ifNoneMatch => UploadAsync(key, ifNoneMatch, cancellationToken));
        }
        catch (StoreException e) when (
            e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.NotImplemented or HttpStatusCode.BadRequest })
        {
            // It does not know the condition there.
            return false;
        }
    }

    private async Task<bool> UploadAsync(string key, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        var begun = await client.InitiateMultipartUploadAsync(bucket, key, cancellationToken);
        var completed = false;
        try
        {
            using var body = new MemoryStream([0]);
            var sent = new UploadPartRequest
            {
                BucketName = bucket,
                Key = key,
                UploadId = begun.UploadId,
                PartNumber = 1,
                PartSize = 1,
                InputStream = body,
            };
            var part = await client.UploadPartAsync(sent, cancellationToken);
            var whole = new CompleteMultipartUploadRequest
            {
                BucketName = bucket,
                Key = key,
                UploadId = begun.UploadId,
                PartETags = [new PartETag(1, part.ETag)],
                IfNoneMatch = ifNoneMatch,
            };
            await client.CompleteMultipartUploadAsync(whole, cancellationToken);
            return completed = true;
        }
        finally
        {
            if (!completed)
            {
                await TidyAsync(key, cancel => client.AbortMultipartUploadAsync(bucket, key, begun.UploadId, cancel));
            }
        }
    }

    // What was learned counts; an error of this would hide it.
    private async Task TidyAsync<T>(string key, Func<CancellationToken, Task<T>> tidy)
    {
        using var limit = new CancellationTokenSource(limits.Silence);
        try
        {
            await S3Calls.AskAsync(bucket, key, () => tidy(limit.Token));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            LogLeft(logger, key, bucket, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The trial {Key} in the bucket {Bucket} could not be removed; it is swept later")]
    private static partial void LogLeft(ILogger logger, string key, string bucket, Exception exception);
}
