using Amazon.S3;
using Amazon.S3.Model;
using EtcdBackup.Stores.Remote;

namespace EtcdBackup.Stores.S3;

/// <summary>How objects get into a bucket: whole, in parts, or copied; never over another one, as far as the store can promise that.</summary>
internal sealed class S3Target(IAmazonS3 client, string bucket, string hidden, RemoteLimits limits) : IUploadTarget
{
    // CopyObject takes 5 GiB at most.
    private const long LargestCopy = 4L * 1024 * 1024 * 1024;
    private const long CopyPart = 512L * 1024 * 1024;

    private readonly Places _places = new(limits.Parts);
    private readonly S3Conditions _conditions = new(client, bucket, hidden);

    public string NewHiddenKey() => $"{hidden}/{Guid.NewGuid():N}";

    public Task<IDisposable> EnterAsync(CancellationToken cancellationToken) => _places.EnterAsync(cancellationToken);

    public async Task<bool> TryPutAsync(string key, ScratchFile file, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(key, cancellationToken))
        {
            return false;
        }

        return await _conditions.TryAsync(key, async ifNoneMatch =>
        {
            await using var body = new FileSlice(file.Handle, 0, file.Length);
            return await client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, InputStream = body, AutoCloseStream = false, IfNoneMatch = ifNoneMatch }, cancellationToken);
        }, cancellationToken);
    }

    public async Task<IUpload> BeginUploadAsync(string key, CancellationToken cancellationToken)
    {
        var begun = await S3Calls.AskAsync(bucket, key, () => client.InitiateMultipartUploadAsync(bucket, key, cancellationToken));
        return new S3Upload(this, key, begun.UploadId);
    }

    public async Task<bool> TryCopyAsync(string from, string to, long size, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(to, cancellationToken))
        {
            return false;
        }

        var upload = new S3Upload(this, to, (await S3Calls.AskAsync(bucket, to, () => client.InitiateMultipartUploadAsync(bucket, to, cancellationToken))).UploadId);
        try
        {
            var part = size > LargestCopy ? CopyPart : size;
            for (var number = 0; number * part < size; number++)
            {
                await upload.CopyAsync(number, from, number * part, Math.Min(size, (number + 1) * part) - 1, cancellationToken);
            }

            return await upload.TryCompleteAsync(cancellationToken);
        }
        catch
        {
            await upload.AbortAsync(CancellationToken.None);
            throw;
        }
    }

    public Task DiscardAsync(string key, CancellationToken cancellationToken) =>
        S3Calls.AskAsync(bucket, key, () => client.DeleteObjectAsync(bucket, key, cancellationToken));

    private async Task<bool> ExistsAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            await S3Calls.AskAsync(bucket, key, () => client.GetObjectMetadataAsync(bucket, key, cancellationToken));
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private sealed class S3Upload(S3Target target, string key, string id) : IUpload
    {
        private readonly List<PartETag> _parts = [];

        public string Key => key;

        public async Task SendAsync(int number, FileSlice part, CancellationToken cancellationToken)
        {
            var sent = await S3Calls.AskAsync(target.Bucket, key, () => target.Client.UploadPartAsync(new UploadPartRequest
            {
                BucketName = target.Bucket,
                Key = key,
                UploadId = id,
                PartNumber = number + 1,
                PartSize = part.Length,
                InputStream = part,
            }, cancellationToken));
            Keep(number, sent.ETag);
        }

        public async Task CopyAsync(int number, string from, long first, long last, CancellationToken cancellationToken)
        {
            var copied = await S3Calls.AskAsync(target.Bucket, key, () => target.Client.CopyPartAsync(new CopyPartRequest
            {
                SourceBucket = target.Bucket,
                SourceKey = from,
                DestinationBucket = target.Bucket,
                DestinationKey = key,
                UploadId = id,
                PartNumber = number + 1,
                FirstByte = first,
                LastByte = last,
            }, cancellationToken));
            Keep(number, copied.ETag);
        }

        public async Task<bool> TryCompleteAsync(CancellationToken cancellationToken)
        {
            if (await target.ExistsAsync(key, cancellationToken))
            {
                return false;
            }

            return await target.Conditions.TryCompleteAsync(key, ifNoneMatch => target.Client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
            {
                BucketName = target.Bucket,
                Key = key,
                UploadId = id,
                PartETags = [.. _parts.OrderBy(p => p.PartNumber)],
                IfNoneMatch = ifNoneMatch,
            }, cancellationToken), cancellationToken);
        }

        public async Task AbortAsync(CancellationToken cancellationToken)
        {
            try
            {
                await S3Calls.AskAsync(target.Bucket, key, () => target.Client.AbortMultipartUploadAsync(target.Bucket, key, id, cancellationToken));
            }
            catch (UploadGoneException)
            {
                // it was completed, or swept
            }
        }

        private void Keep(int number, string tag)
        {
            lock (_parts)
            {
                _parts.Add(new PartETag(number + 1, tag));
            }
        }
    }

    private IAmazonS3 Client => client;

    private string Bucket => bucket;

    private S3Conditions Conditions => _conditions;
}
