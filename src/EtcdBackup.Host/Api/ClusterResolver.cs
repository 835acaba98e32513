using EtcdBackup.Clusters;
using EtcdBackup.Grains;
using EtcdBackup.Kubernetes.Callers;

namespace EtcdBackup.Host.Api;

/// <summary>Finds the cluster that a request means: by its path, else by its Host header.</summary>
/// <param name="grains">The directory of clusters.</param>
/// <param name="callers">Tells where a caller runs; null outside Kubernetes.</param>
internal sealed class ClusterResolver(IGrainFactory grains, ICallerNamespaces? callers = null)
{
    /// <summary>The grain of the cluster.</summary>
    /// <exception cref="ApiException">None that is registered, or more than one, is meant.</exception>
    public async Task<IBackupGrain> ResolveAsync(HttpContext context)
    {
        var key = await MeantAsync(context);
        return !IsByPath(context) || await Directory.OwnerOfAsync(key) is not null ? grains.GetGrain<IBackupGrain>(key.ToString())
            : throw NotRegistered(key);
    }

    /// <summary>
    /// The cluster that is meant: the one that the path names, registered or not, so that who may not call for it does not learn whether
    /// it exists. It is decided once for a request: whoever was let in for a cluster gets that one.
    /// </summary>
    /// <exception cref="ApiException">The path names none, or the host none or more than one.</exception>
    public async Task<ClusterKey> MeantAsync(HttpContext context)
    {
        if (context.Items[typeof(ClusterResolver)] is ClusterKey known)
        {
            return known;
        }

        var values = context.Request.RouteValues;
        var key = IsByPath(context) ? KeyOf((string)values["namespace"]!, (string)values["name"]!)
            : await ByHostAsync(context);
        context.Items[typeof(ClusterResolver)] = key;
        return key;
    }

    /// <summary>Makes a key from the parts of a path.</summary>
    /// <exception cref="ApiException">They are not a valid key.</exception>
    public static ClusterKey KeyOf(string @namespace, string name)
    {
        try
        {
            return new ClusterKey(@namespace, name);
        }
        catch (FormatException e)
        {
            throw ApiException.BadRequest(e.Message);
        }
    }

    /// <summary>There is no such cluster.</summary>
    public static ApiException NotRegistered(ClusterKey key) => ApiException.NotFound($"no cluster {key} is registered: GET " +
        "/v1/clusters lists those that are");

    private IClusterDirectoryGrain Directory => grains.GetGrain<IClusterDirectoryGrain>(IClusterDirectoryGrain.Key);

    private static bool IsByPath(HttpContext context) => context.Request.RouteValues.ContainsKey("namespace");

    private async Task<ClusterKey> ByHostAsync(HttpContext context)
    {
        var host = context.Request.Headers.Host.ToString();
        var answer = await Directory.ResolveHostAsync(host);
        if (answer.Found is { } key)
        {
            return key;
        }

        if (answer.IsMalformed)
        {
            throw ApiException.BadRequest(
                "the Host header is no valid host name: use NAME-backup-sidecar, NAME-backup-sidecar.NAMESPACE, or an address of this " +
                "service");
        }

        if (answer.Candidates.Count > 0)
        {
            if (await NearAsync(context, answer.Candidates) is { } near)
            {
                return near;
            }

            throw new ApiException(StatusCodes.Status409Conflict,
                $"the host '{host}' fits clusters in several namespaces: use one of {string.Join(
                    ", ", answer.Candidates.Select(c => $"{c.Name}{HostResolver.ServiceSuffix}.{c.Namespace}"))}");
        }

        throw ApiException.NotFound(answer.Registered == 0
            ? "no cluster is registered: add one to the configuration"
            : $"the host '{host}' names no registered cluster, of {answer.Registered}: use NAME-backup-sidecar.NAMESPACE as the host, " +
                "or the path /v1/clusters/NAMESPACE/NAME/…; GET /v1/clusters lists them");
    }

    // As DNS has it: a short name means the one in the caller's own namespace.
    private async Task<ClusterKey?> NearAsync(HttpContext context, IReadOnlyList<ClusterKey> candidates)
    {
        if (callers is null || context.Connection.RemoteIpAddress is not { } address)
        {
            return null;
        }

        var own = await callers.FindAsync(address, context.RequestAborted);
        return candidates.Where(c => c.Namespace == own).Select(c => (ClusterKey?)c).FirstOrDefault();
    }
}
