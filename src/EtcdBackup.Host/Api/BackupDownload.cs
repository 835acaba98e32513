using System.Buffers.Binary;
using System.Globalization;
using EtcdBackup.Catalog;
using EtcdBackup.ChangeLog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Snapshots.Files;
using Microsoft.Net.Http.Headers;

namespace EtcdBackup.Host.Api;

/// <summary>Sends a backup's bytes from its store to the caller, without passing through a grain.</summary>
internal sealed class BackupDownload(BackupCatalogs catalogs)
{
    /// <summary>Present if no snapshot was taken at the revision, and the backup was made.</summary>
    public const string MadeHeader = "X-Backup-Made";

    /// <summary>The answer for one backup: body, ranges and validators.</summary>
    public async Task<IResult> AnswerAsync(HttpContext context, ClusterSpec spec, BackupEntry backup)
    {
        Stream body;
        try
        {
            body = await (await catalogs.ForAsync(spec, context.RequestAborted)).OpenAsync(backup.Name, context.RequestAborted);
            await BeginAsync(body, backup, context.RequestAborted);
        }
        catch (FileNotFoundException e)
        {
            throw new ApiException(
                StatusCodes.Status404NotFound, $"the backup {backup.Name} was removed just now: ask again for the latest", e);
        }

        context.Response.Headers["X-etcd-Version"] = backup.Version.ToString();
        context.Response.Headers["X-Revision"] = backup.Revision.ToString(CultureInfo.InvariantCulture);
        var tag = backup.Metadata?.Sha256 ?? await TrailerAsync(body, backup, context.RequestAborted);
        return new Ranged(Results.Stream(
            body, "application/octet-stream", backup.Name.SnapshotName, backup.CreationTime, new EntityTagHeaderValue($"\"{tag}\""),
            enableRangeProcessing: true));
    }

    /// <summary>The answer for a backup that was made.</summary>
    public static IResult Answer(HttpContext context, MadeBackup made)
    {
        context.Response.Headers["X-etcd-Version"] = made.Version.ToString();
        context.Response.Headers["X-Revision"] = made.Revision.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers[MadeHeader] = "true";
        return new Ranged(Results.Stream(
            made.Body, "application/octet-stream", new BackupName(made.Version, made.Revision).SnapshotName, made.At,
            new EntityTagHeaderValue($"\"{made.Sha256}\""), enableRangeProcessing: true));
    }

    // Damage at the beginning is reported before the answer begins.
    private static async Task BeginAsync(Stream body, BackupEntry backup, CancellationToken cancellationToken)
    {
        try
        {
            if (backup.Name.Encoding != BackupEncoding.None)
            {
                await body.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, cancellationToken);
                body.Seek(0, SeekOrigin.Begin);
            }
        }
        catch
        {
            await body.DisposeAsync();
            throw;
        }
    }

    // Without metadata the digest is at the end of the file itself; if it is not there, size and time are used.
    private static async Task<string> TrailerAsync(Stream body, BackupEntry backup, CancellationToken cancellationToken)
    {
        if (body.Length % 512 != SnapshotDigest.TrailerSize)
        {
            var stamp = new byte[16];
            BinaryPrimitives.WriteInt64BigEndian(stamp, backup.StoredSize);
            BinaryPrimitives.WriteInt64BigEndian(stamp.AsSpan(8), backup.StoredAt.UtcTicks);
            return Convert.ToHexStringLower(stamp);
        }

        var trailer = new byte[SnapshotDigest.TrailerSize];
        body.Seek(-SnapshotDigest.TrailerSize, SeekOrigin.End);
        await body.ReadExactlyAsync(trailer, cancellationToken);
        body.Seek(0, SeekOrigin.Begin);
        return Convert.ToHexStringLower(trailer);
    }

    // ASP.NET answers a range outside of the body without a word, and says that it is a backup.
    private sealed class Ranged(IResult body) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            await body.ExecuteAsync(httpContext);
            if (httpContext.Response is { StatusCode: StatusCodes.Status416RangeNotSatisfiable, HasStarted: false } response)
            {
                (response.ContentType, response.ContentLength) = (null, null);
                await ErrorHandler.ExplainAsync(httpContext);
            }
        }
    }
}
