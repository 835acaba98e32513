using System.Security.Cryptography;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using EtcdBackup.Stores.Remote;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Stores.S3;

/// <summary>
/// Claims on keys: hidden objects that only one of many writers can create, if the store keeps "create only if absent" for a plain put. A
/// claim of a dead process is swept by age as all hidden objects are; until then that key counts as taken, and its backup gets another
/// name.
/// </summary>
internal sealed partial class S3Claims(IAmazonS3 client, string bucket, string hidden, RemoteLimits limits, ILogger logger)
{
    /// <summary>What the names of claims begin with.</summary>
    public const string Prefix = "claim-";

    /// <summary>Creates a claim, from its key, the put, and the cancellation.</summary>
    public delegate Task<bool> Put(string key, Func<string?, Task<PutObjectResponse>> put, CancellationToken cancellationToken);

    /// <summary>Takes a claim; null when another writer has it.</summary>
    public async Task<Claim?> TryTakeAsync(string key, Put put, CancellationToken cancellationToken)
    {
        var claim = $"{hidden}/{Prefix}{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}";
        var owner = Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N"));
        var kept = limits.Live.Keep(claim);
        try
        {
            var isOurs = await put(claim, ifNoneMatch => PutAsync(claim, owner, ifNoneMatch, cancellationToken), cancellationToken);

            // The SDK sends a put again whose answer was lost, and then our own claim is in the way.
            if (isOurs || await IsOwnedAsync(claim, owner, cancellationToken))
            {
                return new Claim(this, claim, kept);
            }
        }
        catch
        {
            kept.Dispose();
            throw;
        }

        kept.Dispose();
        return null;
    }

    private async Task<PutObjectResponse> PutAsync(string claim, byte[] owner, string? ifNoneMatch, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream(owner, writable: false);
        return await client.PutObjectAsync(
            new PutObjectRequest { BucketName = bucket, Key = claim, InputStream = body, IfNoneMatch = ifNoneMatch }, cancellationToken);
    }

    private async Task<bool> IsOwnedAsync(string claim, byte[] owner, CancellationToken cancellationToken)
    {
        try
        {
            return await S3Calls.AskAsync(bucket, claim, async () =>
            {
                using var found = await client.GetObjectAsync(bucket, claim, cancellationToken);
                using var content = new MemoryStream();
                await found.ResponseStream.CopyToAsync(content, cancellationToken);
                return content.ToArray().AsSpan().SequenceEqual(owner);
            });
        }
        catch (FileNotFoundException)
        {
            // its owner is done
            return false;
        }
    }

    // Whether the object was written is known by then, and an error of this must not hide it.
    private async Task ReleaseAsync(string claim)
    {
        using var limit = new CancellationTokenSource(limits.Silence);
        try
        {
            await S3Calls.AskAsync(bucket, claim, () => client.DeleteObjectAsync(bucket, claim, limit.Token));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            LogLeft(logger, claim, bucket, e);
        }
    }

    /// <summary>A claim that is ours.</summary>
    internal sealed class Claim(S3Claims claims, string key, IDisposable kept)
    {
        /// <summary>Gives it back; or, where nobody knows how the writing ended, leaves it to be swept when that surely is over.</summary>
        public async Task EndAsync(bool isKnown)
        {
            if (isKnown)
            {
                await claims.ReleaseAsync(key);
            }

            kept.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The claim {Claim} in the bucket {Bucket} could not be removed; it is swept later")]
    private static partial void LogLeft(ILogger logger, string claim, string bucket, Exception exception);
}
