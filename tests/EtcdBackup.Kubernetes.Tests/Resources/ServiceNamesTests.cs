using System.Text.Json;
using EtcdBackup.Clusters;
using EtcdBackup.Kubernetes.Resources;
using k8s.Models;

namespace EtcdBackup.Kubernetes.Tests.Resources;

public class ServiceNamesTests
{
    private static readonly BackedUpResource Resource = BackedUpResource.Of(ResourceKind.Policy, JsonDocument.Parse("""
        { "metadata": { "namespace": "prod", "name": "example", "uid": "u1" }, "spec": { "backup": {} } }
        """).RootElement);

    [Fact]
    public void The_service_has_the_old_operator_s_name_leads_to_us_and_goes_with_its_resource()
    {
        var service = ServiceNames.For(Resource, "etcd-backup.backups.svc");
        Assert.Equal(("prod", "example-backup-sidecar"), (service.Metadata.NamespaceProperty, service.Metadata.Name));
        Assert.Equal(("ExternalName", "etcd-backup.backups.svc"), (service.Spec.Type, service.Spec.ExternalName));
        Assert.Equal(19999, Assert.Single(service.Spec.Ports).Port);
        Assert.Equal(("EtcdBackupPolicy", "example", "u1"), (service.Metadata.OwnerReferences[0].Kind,
            service.Metadata.OwnerReferences[0].Name, service.Metadata.OwnerReferences[0].Uid));
        Assert.True(ServiceNames.IsOf(service, Resource.Key));
        Assert.Equal(new ClusterKey("prod", "example"), ServiceNames.ClusterOf(service));
    }

    [Fact]
    public void It_is_as_wanted_until_somebody_changes_what_counts()
    {
        var wanted = ServiceNames.For(Resource, "target");
        Assert.True(ServiceNames.IsAsWanted(ServiceNames.For(Resource, "target"), wanted));
        Assert.False(ServiceNames.IsAsWanted(null, wanted));
        Assert.False(ServiceNames.IsAsWanted(ServiceNames.For(Resource, "other"), wanted));
        foreach (var change in new Action<V1Service>[]
        {
            s => s.Spec.Type = "ClusterIP", s => s.Spec.Ports[0].Port = 1, s => s.Spec.Ports[0].Protocol = "UDP", s => s.Spec.Ports = null,
            s => s.Spec = null, s => s.Metadata.OwnerReferences[0].Uid = "u2", s => s.Metadata.OwnerReferences = null,
        })
        {
            var changed = ServiceNames.For(Resource, "target");
            change(changed);
            Assert.False(ServiceNames.IsAsWanted(changed, wanted));
        }
    }

    [Theory]
    [InlineData("EtcdCluster", "example", "etcdbackup.dev/v1")]
    [InlineData("EtcdBackupPolicy", "other", "etcdbackup.dev/v1")]
    [InlineData("EtcdBackupPolicy", "example", "etcd.database.coreos.com/v1beta2")]
    public void A_service_of_another_owner_is_not_ours_to_touch(string kind, string name, string apiVersion)
    {
        var service = ServiceNames.For(Resource, "target");
        service.Metadata.OwnerReferences = [new V1OwnerReference { Kind = kind, Name = name, ApiVersion = apiVersion, Uid = "u1" }];
        Assert.False(ServiceNames.IsOf(service, Resource.Key));
        service.Metadata.OwnerReferences = null;
        Assert.False(ServiceNames.IsOf(service, Resource.Key));
    }

    [Theory]
    [InlineData("example")]
    [InlineData("-backup-sidecar")]
    [InlineData("A-backup-sidecar")]
    public void Another_name_is_no_cluster_s(string name) => Assert.Null(ServiceNames.ClusterOf(
        new V1Service { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "prod" } }));
}
