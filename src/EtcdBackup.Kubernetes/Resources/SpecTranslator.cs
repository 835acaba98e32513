using System.Text.Json;
using EtcdBackup.Clusters;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Resources;

/// <summary>
/// Makes a cluster's spec from a resource; pure. A resource can never name files of the service itself: a tenant could use others'
/// certificates.
/// </summary>
internal static class SpecTranslator
{
    private const string ClientPortName = "client";
    private const int ClientPort = 2379;

    /// <summary>Translates.</summary>
    /// <param name="resource">The resource; it must be enabled.</param>
    /// <param name="pods">The pods of an <c>EtcdCluster</c>; nothing for other kinds.</param>
    public static Translation Translate(BackedUpResource resource, IEnumerable<V1Pod> pods)
    {
        var (kind, @namespace, name) = resource.Key;
        if (!ClusterKey.IsLabel(@namespace) || !ClusterKey.IsLabel(name))
        {
            return Translation.Bad($"its name '{name}' names no cluster: {ClusterKey.LabelRule}");
        }

        if (name.Length + HostResolver.ServiceSuffix.Length > 63)
        {
            return Translation.Bad(
                $"its name has {name.Length} letters: with '{HostResolver.ServiceSuffix}' the service's name would have more than the 63 " +
                "that Kubernetes allows");
        }

        ClusterSpec spec;
        try
        {
            spec = kind == ResourceKind.Policy ? OfPolicy(resource) : OfEtcdCluster(resource, pods);
        }
        catch (JsonException e)
        {
            return Translation.Bad($"spec{e.Path?.TrimStart('$')} cannot be read: {e.Message.Split(" Path:")[0]}");
        }
        catch (FormatException e)
        {
            return Translation.Bad(e.Message);
        }

        var problems = SpecProblems.Of(spec).ToArray();
        return problems.Length == 0 ? new Translation(spec, "") : Translation.Bad(string.Join("; ", problems.Select(p => "spec." + p)));
    }

    private static ClusterSpec OfPolicy(BackedUpResource resource)
    {
        var spec = resource.Spec.Deserialize<PolicySpec>(BackupResourceStatus.Json)!;
        if (spec.Endpoints.Count > 0 == spec.Service is not null)
        {
            throw new FormatException("spec names the etcd by endpoints or by service: give one of the two");
        }

        var endpoints = spec.Service is { } service
            ? [$"{(spec.Tls is null ? "http" : "https")}://{service.Name}.{resource.Key.Namespace}.svc:{service.Port}"]
            : spec.Endpoints;
        return new ClusterSpec
        {
            Key = new ClusterKey(resource.Key.Namespace, resource.Key.Name),
            IsOfResource = true,
            Endpoints = [.. endpoints.Select(ToUri)],
            Tls = spec.Tls is { } tls ? Files(tls.Secret, tls.CaKey, tls.CertKey, tls.KeyKey, tls.ServerName) : new TlsFiles(),
            Auth = spec.Auth is { } auth
                ? new EtcdLogin { Username = auth.Username, PasswordFile = Reference(auth.PasswordSecret, auth.PasswordKey) }
                : new EtcdLogin(),
            Backup = spec.Backup ?? new BackupSpec(),
        };
    }

    // etcd-operator: pkg/util/k8sutil (labels, services, ports), doc/user/cluster_tls.md (keys of the secret, names in the certificates)
    private static ClusterSpec OfEtcdCluster(BackedUpResource resource, IEnumerable<V1Pod> pods)
    {
        var spec = resource.Spec.Deserialize<EtcdClusterSpec>(BackupResourceStatus.Json)!;
        var secret = spec.TLS?.Static?.OperatorSecret ?? "";
        var scheme = secret == "" ? "http" : "https";
        var client = $"{resource.Key.Name}-client.{resource.Key.Namespace}.svc";
        var members = pods.Where(
            p => p.Metadata.DeletionTimestamp is null && p.Status?.Phase == "Running" && !string.IsNullOrEmpty(p.Status.PodIP))
            .OrderBy(p => p.Metadata.Name, StringComparer.Ordinal).Select(p => $"{scheme}://{Bracketed(p.Status.PodIP)}:{PortOf(p)}")
                .ToArray();
        return new ClusterSpec
        {
            Key = new ClusterKey(resource.Key.Namespace, resource.Key.Name),
            IsOfResource = true,
            Endpoints = [.. (members.Length > 0 ? members : [$"{scheme}://{client}:{ClientPort}"]).Select(ToUri)],
            Tls = secret == "" ? new TlsFiles() : Files(secret, "etcd-client-ca.crt", "etcd-client.crt", "etcd-client.key", client),
            Backup = spec.Backup ?? new BackupSpec(),
        };
    }

    private static TlsFiles Files(string secret, string ca, string cert, string key, string serverName) => new()
    {
        CaFile = Reference(secret, ca),
        CertFile = cert == "" ? "" : Reference(secret, cert),
        KeyFile = key == "" ? "" : Reference(secret, key),
        ServerName = serverName,
    };

    private static string Reference(string secret, string key) => new SecretReference(secret, key).ToString();

    private static Uri ToUri(string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri
            : throw new FormatException($"spec.endpoints has '{endpoint}': write http://host:port or https://host:port");

    private static string Bracketed(string ip) => ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip;

    private static int PortOf(V1Pod pod) =>
        pod.Spec?.Containers?.SelectMany(c => c.Ports ?? []).FirstOrDefault(p => p.Name == ClientPortName)?.ContainerPort ?? ClientPort;
}

/// <summary>The result of translating a resource.</summary>
/// <param name="Spec">The cluster's spec; null if it is invalid.</param>
/// <param name="Problem">What is wrong with it; empty if nothing is.</param>
internal sealed record Translation(ClusterSpec? Spec, string Problem)
{
    public static Translation Bad(string problem) => new(null, problem);
}
