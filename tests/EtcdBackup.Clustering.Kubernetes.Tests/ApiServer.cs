using EtcdBackup.Testing;
using k8s;
using k8s.Models;

[assembly: AssemblyFixture(typeof(EtcdBackup.Clustering.Kubernetes.Tests.ApiServer))]

namespace EtcdBackup.Clustering.Kubernetes.Tests;

/// <summary>One API server for all tests, with our definition applied.</summary>
public sealed class ApiServer : IAsyncLifetime
{
    public KubeApiServer Server { get; private set; } = null!;

    public string LeastConfig { get; private set; } = "";

    public string NobodyConfig { get; private set; } = "";

    public k8s.Kubernetes Admin { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await KubeApiServer.StartAsync();
        (LeastConfig, NobodyConfig) = (Server.AddUser("least"), Server.AddUser("nobody"));
        await Server.DownAsync();
        await Server.UpAsync();
        Admin = new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(Server.AdminConfig));
        var definition = KubernetesYaml.Deserialize<V1CustomResourceDefinition>(
            await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "k8s/crd/silomemberships.yaml")));
        await Admin.ApiextensionsV1.CreateCustomResourceDefinitionAsync(definition);
        var rules = KubernetesYaml.LoadAllFromString(await File.ReadAllTextAsync(Path.Combine(Workspace.Root, "k8s/membership/rbac.yaml")));
        var role = rules.OfType<V1Role>().Single();
        var binding = rules.OfType<V1RoleBinding>().Single();
        binding.Subjects = [new Rbacv1Subject { Kind = "User", Name = "least", ApiGroup = "rbac.authorization.k8s.io" }];
        await Admin.RbacAuthorizationV1.CreateNamespacedRoleAsync(role, "default");
        await Admin.RbacAuthorizationV1.CreateNamespacedRoleBindingAsync(binding, "default");
        var store = new MembershipStore(Admin, "default", "probe");
        await Workspace.UntilAsync(async () =>
        {
            try
            {
                await store.CreateAsync();
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }, "the definition is established");
    }

    public async ValueTask DisposeAsync()
    {
        Admin?.Dispose();
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }
    }

    internal static MembershipStore Store(string config, string cluster) =>
        new(new k8s.Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(config)), "default", cluster);
}
