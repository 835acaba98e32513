using System.Net;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;

namespace EtcdBackup.Stores.S3;

/// <summary>
/// "Only if the key is free", on stores that keep this promise, refuse it, or silently break it. Ceph keeps it for a plain put and
/// ignores it when an upload in parts is completed; there a claim (a hidden object, put under the same promise) goes before.
/// Where nothing keeps it, the look before is all there is: names are such that only a logically equal backup can be replaced.
/// </summary>
internal sealed class S3Conditions(IAmazonS3 client, string bucket, string hidden)
{
    private const string Free = "*";

    private bool _putRefused;
    private bool? _completeKeeps;

    /// <summary>Puts an object if its key is free.</summary>
    /// <returns>False when it is not.</returns>
    public async Task<bool> TryAsync<T>(string key, Func<string?, Task<T>> put, CancellationToken cancellationToken)
    {
        try
        {
            return await OnceAsync(key, _putRefused ? null : Free, put);
        }
        catch (StoreException e) when (!_putRefused && e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.NotImplemented })
        {
            _putRefused = true;
            cancellationToken.ThrowIfCancellationRequested();
            return await OnceAsync(key, null, put);
        }
    }

    /// <summary>Completes an upload in parts if its key is free.</summary>
    /// <returns>False when it is not.</returns>
    public async Task<bool> TryCompleteAsync<T>(string key, Func<string?, Task<T>> complete, CancellationToken cancellationToken)
    {
        if (await CompleteKeepsAsync(cancellationToken))
        {
            return await OnceAsync(key, Free, complete);
        }

        var claim = $"{hidden}/claim-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(key)))}";
        if (!await TryAsync(claim, ifNoneMatch => PutSmallAsync(claim, ifNoneMatch, cancellationToken), cancellationToken))
        {
            return false;
        }

        try
        {
            return await OnceAsync(key, null, complete);
        }
        finally
        {
            await client.DeleteObjectAsync(bucket, claim, CancellationToken.None);
        }
    }

    private async Task<bool> OnceAsync<T>(string key, string? ifNoneMatch, Func<string?, Task<T>> call)
    {
        try
        {
            await S3Calls.AskAsync(bucket, key, () => call(ifNoneMatch));
            return true;
        }
        catch (StoreException e) when (ifNoneMatch is not null && e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict })
        {
            return false;
        }
    }

    // Asked once: two small uploads to one hidden key, the second only if it is free.
    private async Task<bool> CompleteKeepsAsync(CancellationToken cancellationToken)
    {
        // Two at once may both ask; they learn the same.
        if (_completeKeeps is null)
        {
            var key = $"{hidden}/probe-{Guid.NewGuid():N}";
            await S3Calls.AskAsync(bucket, key, () => UploadSmallAsync(key, null, cancellationToken));
            _completeKeeps = await RefusesAsync(key, cancellationToken);
            await S3Calls.AskAsync(bucket, key, () => client.DeleteObjectAsync(bucket, key, cancellationToken));
        }

        return _completeKeeps.Value;
    }

    private async Task<bool> RefusesAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            return !await OnceAsync(key, Free, ifNoneMatch => UploadSmallAsync(key, ifNoneMatch, cancellationToken));
        }
        catch (StoreException e) when (e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.NotImplemented or HttpStatusCode.BadRequest })
        {
            // It does not know the condition there at all.
            return false;
        }
    }

    private async Task<bool> UploadSmallAsync(string key, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        var begun = await client.InitiateMultipartUploadAsync(bucket, key, cancellationToken);
        try
        {
            using var body = new MemoryStream([0]);
            var part = await client.UploadPartAsync(new UploadPartRequest { BucketName = bucket, Key = key, UploadId = begun.UploadId, PartNumber = 1, PartSize = 1, InputStream = body }, cancellationToken);
            await client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
            {
                BucketName = bucket,
                Key = key,
                UploadId = begun.UploadId,
                PartETags = [new PartETag(1, part.ETag)],
                IfNoneMatch = ifNoneMatch,
            }, cancellationToken);
            return true;
        }
        catch
        {
            await client.AbortMultipartUploadAsync(bucket, key, begun.UploadId, CancellationToken.None);
            throw;
        }
    }

    private async Task<bool> PutSmallAsync(string key, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream([0]);
        await client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, InputStream = body, IfNoneMatch = ifNoneMatch }, cancellationToken);
        return true;
    }
}
