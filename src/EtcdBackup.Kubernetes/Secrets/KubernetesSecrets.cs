using System.Collections.Concurrent;
using System.Net;
using System.Text;
using EtcdBackup.Secrets;
using k8s;
using k8s.Autorest;

namespace EtcdBackup.Kubernetes.Secrets;

/// <summary>
/// Secrets read from the API server when they are needed, and kept in memory for half a minute: many clusters may share one.
/// </summary>
/// <param name="client">The API server.</param>
/// <param name="mounted">Secrets that are mounted go first.</param>
/// <param name="time">Decides what is fresh.</param>
internal sealed class KubernetesSecrets(IKubernetes client, MountedSecrets mounted, TimeProvider time) : ISecrets
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Namespace, string Name), (Secret Secret, DateTimeOffset At)> _read = new();

    /// <inheritdoc/>
    public async ValueTask<Secret> ReadAsync(string inNamespace, string name, CancellationToken cancellationToken)
    {
        if (mounted.Has(inNamespace, name))
        {
            return await mounted.ReadAsync(inNamespace, name, cancellationToken);
        }

        var now = time.GetUtcNow();
        if (_read.TryGetValue((inNamespace, name), out var known) && now - known.At < Kept)
        {
            return known.Secret;
        }

        try
        {
            var found = await client.CoreV1.ReadNamespacedSecretAsync(name, inNamespace, cancellationToken: cancellationToken);
            var secret = new Secret(
                name, (found.Data ?? new Dictionary<string, byte[]>())
                .ToDictionary(d => d.Key, d => Encoding.UTF8.GetString(d.Value).Trim(), StringComparer.Ordinal));
            _read[(inNamespace, name)] = (secret, now);
            return secret;
        }
        catch (HttpOperationException e)
        {
            _read.TryRemove((inNamespace, name), out _);
            throw new SecretException($"the secret '{name}' in namespace '{inNamespace}' cannot be read: {Explain(e)}", e);
        }
        catch (HttpRequestException e)
        {
            throw new SecretException(
                $"the secret '{name}' in namespace '{inNamespace}' cannot be read: the API server cannot be reached: {e.Message}", e);
        }
    }

    private static string Explain(HttpOperationException e) => e.Response.StatusCode switch
    {
        HttpStatusCode.NotFound => "there is none of that name: create it",
        HttpStatusCode.Forbidden => "the service may not get it: grant 'get' on secrets there (docs/kubernetes.md)",
        _ => $"the API server answered {(int)e.Response.StatusCode}: {e.Response.Content}",
    };
}
