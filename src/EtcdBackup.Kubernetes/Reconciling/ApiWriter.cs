using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdBackup.Kubernetes.Resources;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Reconciling;

/// <summary>
/// All our writes to the API server. Objects are applied by server-side apply: fields that others wrote stay theirs.
/// </summary>
/// <param name="client">The API server.</param>
internal sealed class ApiWriter(IKubernetes client)
{
    private const string FieldManager = "etcd-backup";
    private const string FinalizerManager = "etcd-backup-finalizer";

    /// <summary>Applies the service.</summary>
    /// <returns>Null; or the other owner, if the service is not ours to change.</returns>
    public async Task<string?> ApplyServiceAsync(V1Service wanted, bool isOurs, CancellationToken cancellationToken)
    {
        try
        {
            await client.CoreV1.PatchNamespacedServiceAsync(
                new V1Patch(KubernetesJson.Serialize(wanted), V1Patch.PatchType.ApplyPatch), wanted.Metadata.Name,
                wanted.Metadata.NamespaceProperty, fieldManager: FieldManager, force: isOurs, cancellationToken: cancellationToken);
            return null;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict && !isOurs)
        {
            return e.Response.Content;
        }
    }

    /// <summary>Deletes a service, if it is still the same one.</summary>
    public async Task DeleteServiceAsync(V1Service service, CancellationToken cancellationToken)
    {
        try
        {
            await client.CoreV1.DeleteNamespacedServiceAsync(
                service.Metadata.Name, service.Metadata.NamespaceProperty,
                    new V1DeleteOptions { Preconditions = new V1Preconditions { Uid = service.Metadata.Uid } },
                    cancellationToken: cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // deleted already, or another service of that name
        }
        catch (JsonException)
        {
            // It is deleted: older servers answer with a Status where the client library expects the service.
        }
    }

    /// <summary>Adds or removes our finalizer, which makes the deletion of the resource wait for us.</summary>
    public async Task SetFinalizerAsync(BackedUpResource resource, bool isWanted, CancellationToken cancellationToken)
    {
        var body = Body(resource);
        body["metadata"]!["finalizers"] = isWanted ? new JsonArray(BackedUpResource.Finalizer) : new JsonArray();
        try
        {
            await client.CustomObjects.PatchNamespacedCustomObjectAsync(
                Patch(body), resource.Key.Kind.Group, resource.Key.Kind.Version, resource.Key.Namespace, resource.Key.Kind.Plural,
                    resource.Key.Name, fieldManager: FinalizerManager, force: true, cancellationToken: cancellationToken);
        }
        catch (HttpOperationException e) when (!isWanted && e.Response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // deleted already: a new resource of that name has another uid, and is refused
        }
    }

    /// <summary>Writes our part of the status.</summary>
    /// <returns>False if the resource or its status subresource does not exist.</returns>
    public async Task<bool> ApplyStatusAsync(BackedUpResource resource, BackupResourceStatus status, CancellationToken cancellationToken)
    {
        var kind = resource.Key.Kind;
        var ours = JsonSerializer.SerializeToNode(status, BackupResourceStatus.Json);
        var body = Body(resource);
        body["status"] = kind.StatusPath == "" ? ours : new JsonObject { [kind.StatusPath] = ours };
        try
        {
            await client.CustomObjects.PatchNamespacedCustomObjectStatusAsync(
                Patch(body), kind.Group, kind.Version, resource.Key.Namespace, kind.Plural, resource.Key.Name, fieldManager: FieldManager,
                    force: true, cancellationToken: cancellationToken);
            return true;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            return false;
        }
    }

    /// <summary>Writes an event of a resource, as <c>kubectl describe</c> shows it.</summary>
    public async Task TellAsync(
        BackedUpResource resource, bool isWarning, string reason, string message, DateTimeOffset now,
        CancellationToken cancellationToken) =>
        await client.CoreV1.CreateNamespacedEventAsync(
            new Corev1Event
            {
                Metadata = new V1ObjectMeta { GenerateName = resource.Key.Name + ".", NamespaceProperty = resource.Key.Namespace },
                InvolvedObject = new V1ObjectReference
                {
                    ApiVersion = resource.Key.Kind.ApiVersion,
                    Kind = resource.Key.Kind.Name,
                    Name = resource.Key.Name,
                    NamespaceProperty = resource.Key.Namespace,
                    Uid = resource.Metadata.Uid,
                    ResourceVersion = resource.Metadata.ResourceVersion,
                },
                Type = isWarning ? "Warning" : "Normal",
                Reason = reason,
                Message = message.Length > 1000 ? message[..1000] : message,
                FirstTimestamp = now.UtcDateTime,
                LastTimestamp = now.UtcDateTime,
                Count = 1,
                Source = new V1EventSource { Component = FieldManager },
                ReportingComponent = FieldManager,
                ReportingInstance = Environment.MachineName,
            },
            resource.Key.Namespace,
            cancellationToken: cancellationToken);

    // The uid makes the server refuse this if the resource is another one of that name, or is gone: applying would create one.
    private static JsonObject Body(BackedUpResource resource) => new()
    {
        ["apiVersion"] = resource.Key.Kind.ApiVersion,
        ["kind"] = resource.Key.Kind.Name,
        ["metadata"] = new JsonObject
        {
            ["name"] = resource.Key.Name,
            ["namespace"] = resource.Key.Namespace,
            ["uid"] = resource.Metadata.Uid
        },
    };

    private static V1Patch Patch(JsonObject body) => new(body.ToJsonString(), V1Patch.PatchType.ApplyPatch);
}
