using Amazon.S3;
using Amazon.S3.Model;
using EtcdBackup.Stores.Remote;

namespace EtcdBackup.Stores.S3;

/// <summary>One upload in parts.</summary>
internal sealed class S3Upload(IAmazonS3 client, string bucket, string key, string id, S3Conditions conditions, LiveUploads live) : IUpload
{
    private readonly List<PartETag> _parts = [];
    private readonly IDisposable _kept = live.Keep(id);

    // Completed under a hidden key, it is an object there until it was copied.
    private readonly IDisposable _object = live.Keep(key);

    public string Key => key;

    public async Task SendAsync(int number, FileSlice part, CancellationToken cancellationToken)
    {
        var request = new UploadPartRequest
        {
            BucketName = bucket,
            Key = key,
            UploadId = id,
            PartNumber = number + 1,
            PartSize = part.Length,
            InputStream = part,
        };
        Keep(number, (await S3Calls.AskAsync(bucket, key, () => client.UploadPartAsync(request, cancellationToken))).ETag);
    }

    public async Task CopyAsync(int number, string from, long first, long last, CancellationToken cancellationToken)
    {
        var request = new CopyPartRequest
        {
            SourceBucket = bucket,
            SourceKey = from,
            DestinationBucket = bucket,
            DestinationKey = key,
            UploadId = id,
            PartNumber = number + 1,
            FirstByte = first,
            LastByte = last,
        };
        Keep(number, (await S3Calls.AskAsync(bucket, key, () => client.CopyPartAsync(request, cancellationToken))).ETag);
    }

    public Task<bool> TryCompleteAsync(CancellationToken cancellationToken) => conditions.TryCompleteAsync(
        key,
        ifNoneMatch => client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest
            {
                BucketName = bucket,
                Key = key,
                UploadId = id,
                PartETags = [.. _parts.OrderBy(p => p.PartNumber)],
                IfNoneMatch = ifNoneMatch,
            },
            cancellationToken),
        cancellationToken);

    public async Task AbortAsync(CancellationToken cancellationToken)
    {
        try
        {
            await S3Calls.AskAsync(bucket, key, () => client.AbortMultipartUploadAsync(bucket, key, id, cancellationToken));
        }
        catch (UploadGoneException)
        {
            // it was completed, or swept
        }
    }

    public void Dispose()
    {
        _kept.Dispose();
        _object.Dispose();
    }

    private void Keep(int number, string tag)
    {
        S3Calls.WithTag(bucket, key, tag, tag);
        lock (_parts)
        {
            _parts.Add(new PartETag(number + 1, tag));
        }
    }
}
