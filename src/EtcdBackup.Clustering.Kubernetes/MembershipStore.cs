using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace EtcdBackup.Clustering.Kubernetes;

/// <summary>Reads the object, and writes it if nobody wrote it meanwhile.</summary>
/// <param name="client">The API server.</param>
/// <param name="namespaceName">Where the object is.</param>
/// <param name="name">Its name, which is the Orleans cluster's.</param>
internal sealed class MembershipStore(IKubernetes client, string namespaceName, string name)
{
    /// <summary>The table; null when there is none yet.</summary>
    public async Task<MembershipObject?> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            var found = await client.CustomObjects.GetNamespacedCustomObjectAsync(
                MembershipObject.Group, MembershipObject.ApiVersionName, namespaceName, MembershipObject.Plural, name, cancellationToken);
            return ((JsonElement)found).Deserialize<MembershipObject>();
        }
        catch (HttpOperationException e) when (IsMissingObject(e))
        {
            return null;
        }
        catch (HttpOperationException e)
        {
            throw Explain(e);
        }
    }

    /// <summary>Makes an empty table, unless there is one.</summary>
    public async Task CreateAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await client.CustomObjects.CreateNamespacedCustomObjectAsync(
                new MembershipObject { Metadata = new V1ObjectMeta { Name = name } }, MembershipObject.Group,
                    MembershipObject.ApiVersionName, namespaceName, MembershipObject.Plural, cancellationToken: cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            // another silo was first
        }
        catch (HttpOperationException e)
        {
            throw Explain(e);
        }
    }

    /// <summary>Reads the table, lets it be changed, and writes it; again from the start when another silo wrote in between.</summary>
    /// <param name="change">Changes it; false: leave it.</param>
    /// <returns>What <paramref name="change"/> said last.</returns>
    public async Task<bool> TryChangeAsync(Func<MembershipObject, bool> change)
    {
        while (true)
        {
            if (await ReadAsync() is not { } table || !change(table))
            {
                return false;
            }

            try
            {
                await client.CustomObjects.ReplaceNamespacedCustomObjectAsync(
                    table, MembershipObject.Group, MembershipObject.ApiVersionName, namespaceName, MembershipObject.Plural, name);
                return true;
            }
            catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
            {
                // Whether the change is still right shows in what is there now.
            }
            catch (HttpOperationException e)
            {
                throw Explain(e);
            }
        }
    }

    /// <summary>Deletes the table.</summary>
    public async Task DeleteAsync()
    {
        try
        {
            await client.CustomObjects.DeleteNamespacedCustomObjectAsync(
                MembershipObject.Group, MembershipObject.ApiVersionName, namespaceName, MembershipObject.Plural, name);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // gone already
        }
    }

    // Without the resource's definition everything is "not found" too, but then the answer names no object.
    private static bool IsMissingObject(HttpOperationException e) =>
        e.Response.StatusCode == HttpStatusCode.NotFound &&
            e.Response.Content?.Contains(MembershipObject.Plural, StringComparison.Ordinal) is true;

    private InvalidOperationException Explain(HttpOperationException e)
    {
        var what = $"{MembershipObject.Plural}.{MembershipObject.Group} '{name}' in namespace '{namespaceName}'";
        var advice = e.Response.StatusCode switch
        {
            HttpStatusCode.Forbidden => "grant get, create and update on it (k8s/membership/rbac.yaml)",
            HttpStatusCode.NotFound => "apply the definition (k8s/crd/silomemberships.yaml), and create the namespace",
            HttpStatusCode.Unauthorized => "give the pod a service account, or a kubeconfig with a valid login",
            _ => "look at the API server",
        };
        return new InvalidOperationException(
            $"the API server refused {what} with {(int)e.Response.StatusCode}: {advice}. It said: {e.Response.Content}", e);
    }
}
