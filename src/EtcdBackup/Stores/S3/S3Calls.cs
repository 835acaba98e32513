using System.Net;
using Amazon.Runtime;
using Amazon.S3;

namespace EtcdBackup.Stores.S3;

/// <summary>Turns failures of the SDK into the store's own exceptions, which say what to do.</summary>
internal static class S3Calls
{
    // Ceph: QuotaExceeded; MinIO: XMinioStorageFull and its bucket quota; others: 507.
    private static readonly string[] FullCodes =
        ["QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage", "StorageFull"];

    public static async Task<T> AskAsync<T>(string bucket, string key, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload")
        {
            throw new UploadGoneException(
                $"the upload of '{key}' to the bucket '{bucket}' is gone: something aborted it, or it stood still for longer than " +
                "Backups:SweepAgeInSecond",
                e);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket")
        {
            throw new FileNotFoundException($"'{key}' is not in the bucket '{bucket}'", key, e);
        }
        catch (AmazonS3Exception e) when (FullCodes.Contains(e.ErrorCode) || e.StatusCode == HttpStatusCode.InsufficientStorage)
        {
            throw new StoreFullException(
                $"the bucket '{bucket}' is full ({e.ErrorCode}): raise its quota or lower maxBackups; older backups are untouched", e);
        }
        catch (AmazonS3Exception e)
        {
            throw Refused(bucket, key, e);
        }
        catch (Exception e) when (IsUnreachable(e))
        {
            throw new StoreException($"the bucket '{bucket}' cannot be reached: {StoreErrors.WithCauses(e)}", e);
        }
        catch (Exception e) when (e is not OperationCanceledException
            && StoreErrors.IsForeign(e, CancellationToken.None, mayBeMissing: true))
        {
            throw NoAnswer(bucket, key, e);
        }
    }

    /// <summary>Every object has a tag: an answer without one came from something else on the way.</summary>
    public static T WithTag<T>(string bucket, string key, T answer, string? tag) =>
        string.IsNullOrEmpty(tag) ? throw NoAnswer(bucket, key, null) : answer;

    private static bool IsUnreachable(Exception e) =>
        (e is AmazonClientException or HttpRequestException || (e is IOException and not (StoreException or FileNotFoundException))) &&
        e is not AmazonUnmarshallingException;

    private static StoreException Refused(string bucket, string key, AmazonS3Exception e) =>
        new($"the bucket '{bucket}' refused '{key}' with {(int)e.StatusCode} {e.ErrorCode}: {e.Message}. {Advice(e)}", e);

    private static StoreException NoAnswer(string bucket, string key, Exception? e) => new(
        $"what answered for '{key}' of the bucket '{bucket}' does not speak S3 ({e?.Message ?? "no ETag"}). Check s3.endpoint, and " +
        "proxies on the way",
        e);

    private static string Advice(AmazonS3Exception e) => e.ErrorCode switch
    {
        "NoSuchBucket" => "Create the bucket first",
        "AccessDenied" or "InvalidAccessKeyId" or "SignatureDoesNotMatch" =>
            "Check the secret and the policy: docs/stores.md lists what is needed",
        "PermanentRedirect" or "AuthorizationHeaderMalformed" => "Set s3.region to the bucket's region",
        _ => "The backup is tried again later",
    };
}
