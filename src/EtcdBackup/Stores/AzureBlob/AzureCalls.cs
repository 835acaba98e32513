using Azure;
using Azure.Identity;
using Azure.Storage.Blobs.Models;

namespace EtcdBackup.Stores.AzureBlob;

/// <summary>Turns failures of the SDK into the store's own exceptions, which say what to do.</summary>
internal static class AzureCalls
{
    private const int InsufficientStorage = 507;

    public static async Task<T> AskAsync<T>(string container, string key, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (RequestFailedException e) when (e.Status == 404 && e.ErrorCode != BlobErrorCode.ContainerNotFound)
        {
            throw new FileNotFoundException($"'{key}' is not in the container '{container}'", key, e);
        }
        catch (RequestFailedException e) when (
            e.Status == InsufficientStorage || e.ErrorCode?.Contains("Quota", StringComparison.Ordinal) is true)
        {
            throw new StoreFullException(
                $"the container '{container}' is full ({e.ErrorCode}): make room or lower maxBackups; older backups are untouched", e);
        }
        catch (RequestFailedException e) when (e.Status == 0)
        {
            throw Unreachable(container, e);
        }
        catch (RequestFailedException e)
        {
            throw new StoreException($"the container '{container}' refused '{key}' with {e.Status} {e.ErrorCode}. {Advice(e)}", e);
        }
        catch (AuthenticationFailedException e)
        {
            throw new StoreException($"no login to the container '{container}': {e.Message}", e);
        }
        catch (Exception e) when (IsUnreachable(e))
        {
            throw Unreachable(container, e);
        }
        catch (Exception e) when (e is not OperationCanceledException
            && StoreErrors.IsForeign(e, CancellationToken.None, mayBeMissing: true))
        {
            throw NoAnswer(container, key, e);
        }
    }

    /// <summary>Every blob and container has a tag: an answer without one came from something else on the way.</summary>
    public static T WithTag<T>(string container, string key, T answer, ETag tag) =>
        tag == default ? throw NoAnswer(container, key, null) : answer;

    private static bool IsUnreachable(Exception e) =>
        e is AggregateException or HttpRequestException || (e is IOException and not (StoreException or FileNotFoundException));

    private static StoreException Unreachable(string container, Exception e) =>
        new($"the container '{container}' cannot be reached: {StoreErrors.WithCauses(e)}", e);

    private static StoreException NoAnswer(string container, string key, Exception? e) => new(
        $"what answered for '{key}' of the container '{container}' is no Azure Blob Storage ({e?.Message ?? "no ETag"}). Check " +
        "abs.endpoint, and proxies on the way",
        e);

    private static string Advice(RequestFailedException e) => e.ErrorCode switch
    {
        "ContainerNotFound" => "Create the container first",
        "AuthenticationFailed" or "AuthorizationFailure" or "AuthorizationPermissionMismatch" =>
            "Check the secret and the role: docs/stores.md lists what is needed",
        _ => "The backup is tried again later",
    };
}
