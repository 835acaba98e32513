using System.Collections.Concurrent;
using System.Net;
using EtcdBackup.Kubernetes.Reconciling;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Kubernetes.Callers;

/// <summary>
/// Asks the API server for the pod that has an address. A namespace is remembered for some seconds: an address soon belongs to another pod,
/// which must not get this one's data. That nobody has it is not remembered: a new pod calls before its address is known there.
/// </summary>
/// <param name="client">The API server.</param>
/// <param name="scope">The namespaces that may be looked at.</param>
/// <param name="time">Decides what is fresh.</param>
/// <param name="logger">Logs when it cannot be found out.</param>
internal sealed partial class CallerNamespaces(
    IKubernetes client, ReconcilingScope scope, TimeProvider time, ILogger<CallerNamespaces> logger) : ICallerNamespaces
{
    private const int Most = 10_000;
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<IPAddress, (string Namespace, DateTimeOffset At)> _known = new();

    /// <inheritdoc/>
    public async Task<string?> FindAsync(IPAddress address, CancellationToken cancellationToken)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var now = time.GetUtcNow();
        if (_known.TryGetValue(address, out var known) && now - known.At < Kept)
        {
            return known.Namespace;
        }

        if (_known.Count >= Most)
        {
            _known.Clear();
        }

        if (await AskAsync(address, cancellationToken) is not { } found)
        {
            return null;
        }

        _known[address] = (found, now);
        return found;
    }

    private async Task<string?> AskAsync(IPAddress address, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        var selector = $"status.podIP={address}";
        try
        {
            var pods = await Task.WhenAll(scope.Namespaces.Select(n => n == ""
                ? client.CoreV1.ListPodForAllNamespacesAsync(fieldSelector: selector, cancellationToken: limit.Token)
                : client.CoreV1.ListNamespacedPodAsync(n, fieldSelector: selector, cancellationToken: limit.Token)));
            string[] found = [.. pods.SelectMany(p => p.Items).Where(HasItForItself).Select(p => p.Namespace()).Distinct()];
            return found is [var only] ? only : null;
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException ||
            (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogUnknown(address, e.Message);
            return null;
        }
    }

    // Pods on the host's network share the node's address, which is also that of translated connections; the address of one that has ended,
    // or is being ended, may belong to another by now.
    private static bool HasItForItself(V1Pod pod) => pod.Spec.HostNetwork != true && pod.Metadata.DeletionTimestamp is null &&
        pod.Status.Phase is not ("Succeeded" or "Failed");

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "The namespace of the caller at {Address} cannot be found out, so a short name that fits several clusters is refused: {Why}")]
    private partial void LogUnknown(IPAddress address, string why);
}
