using System.Net;
using EtcdBackup.Clusters;

namespace EtcdBackup.Host.Configuration;

/// <summary>Finds combinations of clustering, state and stores in which backups would be lost or silos would not find each other.</summary>
internal static class ClusteringProblems
{
    private const int LeastGrace = 60;

    public static IEnumerable<string> Of(Settings settings)
    {
        var orleans = settings.Orleans;
        if (orleans.Clustering != ClusteringKind.Localhost && orleans.Storage == StorageKind.Sqlite)
        {
            yield return $"Orleans:Clustering is {orleans.Clustering}, for many silos, and Orleans:Storage is Sqlite, a file of one: " +
                "set Orleans:Storage to Redis or PostgreSQL";
        }

        // Each silo reports every half minute which clusters its file names; no cluster may be unregistered before all have reported.
        if (orleans.Clustering != ClusteringKind.Localhost && settings.Removal.GraceInSecond < LeastGrace)
        {
            yield return $"Orleans:Clustering is {orleans.Clustering}, and Removal:GraceInSecond is {settings.Removal.GraceInSecond}: " +
                $"with many silos allowed are {LeastGrace} and more";
        }

        if (orleans.Clustering != ClusteringKind.Localhost && !settings.Backups.Shared &&
            settings.Clusters.Any(c => c.Backup is { StorageType: StorageType.PersistentVolume }))
        {
            yield return $"Orleans:Clustering is {orleans.Clustering}, and a cluster's backups go to a directory: each silo would " +
                "have its own. Use S3 or ABS, or set Backups:Shared to true if all silos see the same Backups:Directory";
        }

        if (orleans.Kubernetes.WatchPods && orleans.Clustering != ClusteringKind.Kubernetes)
        {
            yield return $"Orleans:Kubernetes:WatchPods is true, and Orleans:Clustering is {orleans.Clustering}: set that to " +
                "Kubernetes, or leave WatchPods out";
        }

        if (orleans.AdvertisedAddress != "" && !IPAddress.TryParse(orleans.AdvertisedAddress, out _))
        {
            yield return $"Orleans:AdvertisedAddress is '{orleans.AdvertisedAddress}': write an IP address";
        }

        if (orleans.ClusterId == "")
        {
            yield return "Orleans:ClusterId is empty: the silos that work together need a name";
        }

        foreach (var (name, server, used) in new[]
        {
            ("Redis", orleans.Redis, orleans.Clustering == ClusteringKind.Redis || orleans.Storage == StorageKind.Redis),
            ("PostgreSQL", orleans.PostgreSQL, orleans.Clustering == ClusteringKind.PostgreSQL ||
                orleans.Storage == StorageKind.PostgreSQL),
        })
        {
            if (server.ConnectionStringFile != "" && !File.Exists(server.ConnectionStringFile))
            {
                yield return $"Orleans:{name}:ConnectionStringFile is '{server.ConnectionStringFile}': there is no such file";
            }
            else if (used && server.ConnectionString == "" && server.ConnectionStringFile == "")
            {
                yield return $"Orleans:{name} is used and has no connection string: set Orleans:{name}:ConnectionString or " +
                    $"Orleans:{name}:ConnectionStringFile";
            }
        }
    }
}
