using Amazon.S3;
using Amazon.S3.Model;
using EtcdBackup.Stores.Remote;

namespace EtcdBackup.Stores.S3;

/// <summary>
/// Finds abandoned uploads and aborts them: their parts cost as much as objects, and no listing shows them.
/// </summary>
internal static class S3Leftovers
{
    public static async Task<int> SweepAsync(
        IAmazonS3 client, string bucket, string prefix, DateTimeOffset before, LiveUploads live, CancellationToken cancellationToken)
    {
        var swept = 0;
        var request = new ListMultipartUploadsRequest { BucketName = bucket, Prefix = prefix };
        ListMultipartUploadsResponse page;
        do
        {
            page = await S3Calls.AskAsync(bucket, prefix, () => client.ListMultipartUploadsAsync(request, cancellationToken));
            foreach (var upload in (page.MultipartUploads ?? []).Where(u => IsOurs(u.Key[prefix.Length..]) && !live.Has(u.UploadId)))
            {
                if (upload.Initiated?.ToUniversalTime() < before.UtcDateTime &&
                    await IsIdleAsync(client, bucket, upload, before, cancellationToken) &&
                    await TryAbortAsync(client, bucket, upload, cancellationToken))
                {
                    swept++;
                }
            }

            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
        while (page.IsTruncated is true);

        return swept;
    }

    // The bucket may hold other programs' uploads too.
    private static bool IsOurs(string key) =>
        key.StartsWith(StoreLayout.Backups + "/", StringComparison.Ordinal) ||
        key.StartsWith(StoreLayout.Hidden + "/", StringComparison.Ordinal);

    private static async Task<bool> TryAbortAsync(
        IAmazonS3 client, string bucket, MultipartUpload upload, CancellationToken cancellationToken)
    {
        try
        {
            await S3Calls.AskAsync(
                bucket, upload.Key, () => client.AbortMultipartUploadAsync(bucket, upload.Key, upload.UploadId, cancellationToken));
            return true;
        }
        catch (UploadGoneException)
        {
            // ended meanwhile
            return false;
        }
    }

    // A large database over a slow line takes longer than any age: what counts is when the last part came.
    private static async Task<bool> IsIdleAsync(
        IAmazonS3 client, string bucket, MultipartUpload upload, DateTimeOffset before, CancellationToken cancellationToken)
    {
        try
        {
            var request = new ListPartsRequest { BucketName = bucket, Key = upload.Key, UploadId = upload.UploadId };
            ListPartsResponse page;
            do
            {
                page = await S3Calls.AskAsync(bucket, upload.Key, () => client.ListPartsAsync(request, cancellationToken));
                if ((page.Parts ?? []).Any(p => p.LastModified?.ToUniversalTime() >= before.UtcDateTime))
                {
                    return false;
                }

                request.PartNumberMarker = page.NextPartNumberMarker?.ToString(System.Globalization.CultureInfo.InvariantCulture);
            }
            while (page.IsTruncated is true);

            return true;
        }
        catch (UploadGoneException)
        {
            // ended meanwhile
            return false;
        }
    }
}
