using System.Net;
using Amazon.S3;
using EtcdBackup.Stores.Remote;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Stores.S3;

/// <summary>
/// "Create only if absent", on stores that keep this promise, refuse it, or silently ignore it. Ceph keeps it for a plain put and
/// ignores it when an upload in parts is completed: there every writer of a key, in parts or not, first takes a
/// <see cref="S3Claims">claim</see>, looks once more, and only then writes. If a store never keeps it, only the look before is left:
/// names are such that only a logically equal backup can be replaced.
/// </summary>
internal sealed class S3Conditions(IAmazonS3 client, string bucket, string hidden, RemoteLimits limits, ILogger logger)
{
    private const string Free = "*";

    private readonly S3Claims _claims = new(client, bucket, hidden, limits, logger);
    private readonly S3Probe _probe = new(client, bucket, hidden, limits, logger);

    private bool _putRefused;

    /// <summary>Puts an object if its key is free.</summary>
    /// <returns>False when it is not.</returns>
    public async Task<bool> TryPutAsync<T>(string key, Func<string?, Task<T>> put, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(key, cancellationToken))
        {
            return false;
        }

        return await _probe.CompleteKeepsAsync(cancellationToken)
            ? await PutAsync(key, put, cancellationToken)
            : await ClaimedAsync(key, () => PutAsync(key, put, cancellationToken), cancellationToken);
    }

    /// <summary>Completes an upload in parts if its key is free.</summary>
    /// <returns>False when it is not.</returns>
    public async Task<bool> TryCompleteAsync<T>(string key, Func<string?, Task<T>> complete, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(key, cancellationToken))
        {
            return false;
        }

        return await _probe.CompleteKeepsAsync(cancellationToken)
            ? await OnceAsync(bucket, key, Free, complete)
            : await ClaimedAsync(key, () => OnceAsync(bucket, key, null, complete), cancellationToken);
    }

    /// <summary>Whether there is an object of this key.</summary>
    public async Task<bool> ExistsAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var found = await S3Calls.AskAsync(bucket, key, () => client.GetObjectMetadataAsync(bucket, key, cancellationToken));
            return S3Calls.WithTag(bucket, key, true, found.ETag);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    internal static async Task<bool> OnceAsync<T>(string bucket, string key, string? ifNoneMatch, Func<string?, Task<T>> call)
    {
        try
        {
            await S3Calls.AskAsync(bucket, key, () => call(ifNoneMatch));
            return true;
        }
        catch (StoreException e) when (
            ifNoneMatch is not null &&
            e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict })
        {
            return false;
        }
    }

    private async Task<bool> ClaimedAsync(string key, Func<Task<bool>> write, CancellationToken cancellationToken)
    {
        if (await _claims.TryTakeAsync(key, PutAsync, cancellationToken) is not { } claim)
        {
            return false;
        }

        var isKnown = false;
        try
        {
            // The writer before us may have ended, and removed its claim, between our first look and our claim.
            var isNew = !await ExistsAsync(key, cancellationToken);
            isNew = isNew && await write();
            isKnown = true;
            return isNew;
        }
        catch (StoreException e) when (e.InnerException is AmazonS3Exception { StatusCode: < HttpStatusCode.InternalServerError })
        {
            isKnown = true;
            throw;
        }
        finally
        {
            // The server may still complete our write: the claim must stay taken, or that could replace another writer's object.
            await claim.EndAsync(isKnown);
        }
    }

    private async Task<bool> PutAsync<T>(string key, Func<string?, Task<T>> put, CancellationToken cancellationToken)
    {
        try
        {
            return await OnceAsync(bucket, key, _putRefused ? null : Free, put);
        }
        catch (StoreException e) when (!_putRefused && e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.NotImplemented })
        {
            _putRefused = true;
            cancellationToken.ThrowIfCancellationRequested();
            return await OnceAsync(bucket, key, null, put);
        }
    }
}
