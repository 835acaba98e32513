using EtcdBackup.Clusters;
using EtcdBackup.Encodings;

namespace EtcdBackup.Host.Hosting;

/// <summary>The whole configuration; docs/configuration.md is its reference, and a test holds the two together.</summary>
public sealed class Settings
{
    /// <summary>Where state and, by default, backups live.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>The HTTP side.</summary>
    public HttpSettings Http { get; set; } = new();

    /// <summary>The silo.</summary>
    public OrleansSettings Orleans { get; set; } = new();

    /// <summary>Limits of taking backups.</summary>
    public BackupsSettings Backups { get; set; } = new();

    /// <summary>What happens to clusters that nobody names any more.</summary>
    public RemovalSettings Removal { get; set; } = new();

    /// <summary>Clusters that resources of Kubernetes ask for.</summary>
    public KubernetesSourceSettings Kubernetes { get; set; } = new();

    /// <summary>The etcd clusters to back up.</summary>
    public IReadOnlyList<ClusterSettings> Clusters { get; set; } = [];

    /// <summary>Whether the configuration says anything of clusters at all. If not, that is no list of none.</summary>
    internal bool NamesClusters { get; set; }
}

/// <summary>What happens to clusters that nobody names any more.</summary>
public sealed class RemovalSettings
{
    /// <summary>Seconds after which a cluster that no source names any more is no longer backed up.</summary>
    public int GraceInSecond { get; set; } = 600;

    /// <summary>Seconds after that until its backups are deleted, if its spec has <c>autoDelete</c>.</summary>
    public int BackupsGraceInSecond { get; set; } = 86_400;

    internal RemovalTimes Times => new(TimeSpan.FromSeconds(GraceInSecond), TimeSpan.FromSeconds(BackupsGraceInSecond));
}

/// <summary>The HTTP side.</summary>
public sealed class HttpSettings
{
    /// <summary>Addresses to listen on, separated by ';'.</summary>
    public string Urls { get; set; } = "http://127.0.0.1:19999";

    /// <summary>A file with the tokens that callers must show, one a line. Read anew when it changes. Empty: no login.</summary>
    public string TokenFile { get; set; } = "";

    /// <summary>Allow callers without a token on addresses other than loopback.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Seconds that <c>backupnow</c> waits before it answers 504; the backup goes on.</summary>
    public int BackupNowTimeoutInSecond { get; set; } = 3600;
}

/// <summary>The silo.</summary>
public sealed class OrleansSettings
{
    /// <summary>How silos find each other.</summary>
    public ClusteringKind Clustering { get; set; }

    /// <summary>Where grain state and reminders are kept.</summary>
    public StorageKind Storage { get; set; }

    /// <summary>Serve the Orleans dashboard at /dashboard.</summary>
    public bool Dashboard { get; set; } = true;

    /// <summary>The silos of one name work together.</summary>
    public string ClusterId { get; set; } = "etcdbackup";

    /// <summary>
    /// The address that other silos reach this one at; empty: loopback for <see cref="ClusteringKind.Localhost"/>, else the machine's own.
    /// </summary>
    public string AdvertisedAddress { get; set; } = "";

    /// <summary>Redis, where it is used.</summary>
    public ServerSettings Redis { get; set; } = new();

    /// <summary>PostgreSQL, where it is used.</summary>
    public ServerSettings PostgreSQL { get; set; } = new();

    /// <summary>The Kubernetes API, where it is used.</summary>
    public KubernetesSettings Kubernetes { get; set; } = new();

    /// <summary>Port for other silos; 0: any free one.</summary>
    public int SiloPort { get; set; }

    /// <summary>Port for Orleans clients; 0: any free one.</summary>
    public int GatewayPort { get; set; }
}

/// <summary>How silos find each other.</summary>
public enum ClusteringKind
{
    /// <summary>One silo, by itself.</summary>
    Localhost,

    /// <summary>In Redis.</summary>
    Redis,

    /// <summary>In PostgreSQL.</summary>
    PostgreSQL,

    /// <summary>In one object of the Kubernetes API.</summary>
    Kubernetes,
}

/// <summary>Where grain state and reminders are kept.</summary>
public enum StorageKind
{
    /// <summary>A SQLite file in the data directory.</summary>
    Sqlite,

    /// <summary>In Redis.</summary>
    Redis,

    /// <summary>In PostgreSQL.</summary>
    PostgreSQL,
}

/// <summary>How the Kubernetes API is reached.</summary>
public sealed class KubernetesSettings
{
    /// <summary>Namespace of the membership object; empty: the pod's own.</summary>
    public string Namespace { get; set; } = "";

    /// <summary>A kubeconfig; empty: the pod's service account.</summary>
    public string KubeConfigFile { get; set; } = "";

    /// <summary>
    /// Take a silo for dead as soon as its pod is deleted, and name silos after their pods (environment: POD_NAME, POD_NAMESPACE).
    /// </summary>
    public bool WatchPods { get; set; }
}

/// <summary>Clusters that resources of Kubernetes ask for.</summary>
public sealed class KubernetesSourceSettings
{
    /// <summary>Back up what <c>EtcdCluster</c> and <c>EtcdBackupPolicy</c> resources ask for, and read secrets from the API.</summary>
    public bool Enabled { get; set; }

    /// <summary>Namespaces to look in; none: all.</summary>
    public IReadOnlyList<string> Namespaces { get; set; } = [];

    /// <summary>DNS name of this deployment's service, that each <c>CLUSTER-backup-sidecar</c> leads to.</summary>
    public string ServiceTarget { get; set; } = "etcd-backup.etcd-backup.svc.cluster.local";

    /// <summary>A kubeconfig; empty: the pod's service account.</summary>
    public string KubeConfigFile { get; set; } = "";
}

/// <summary>How a server is reached.</summary>
public sealed class ServerSettings
{
    /// <summary>The connection string, of StackExchange.Redis or Npgsql.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>A file that holds it, for it has a password.</summary>
    public string ConnectionStringFile { get; set; } = "";

    internal string Read() => ConnectionStringFile == "" ? ConnectionString : File.ReadAllText(ConnectionStringFile).Trim();
}

/// <summary>Limits of taking backups.</summary>
public sealed class BackupsSettings
{
    /// <summary>Directory of the PersistentVolume store; empty: <c>backups</c> in the data directory.</summary>
    public string Directory { get; set; } = "";

    /// <summary>Whether all silos see the same <see cref="Directory"/>, as on a network volume.</summary>
    public bool Shared { get; set; }

    /// <summary>Seconds that running backups get to end when the process is told to stop.</summary>
    public int GraceInSecond { get; set; } = 25;

    /// <summary>Directory for backups on their way to other stores; empty: <c>scratch</c> in the data directory.</summary>
    public string ScratchDirectory { get; set; } = "";

    /// <summary>
    /// Directory that the secrets of <c>s3.awsSecret</c> and <c>abs.absSecret</c> are mounted in: <c>SECRET</c> or
    /// <c>NAMESPACE/SECRET</c>, each a directory of files.
    /// </summary>
    public string SecretsDirectory { get; set; } = "";

    /// <summary>
    /// File with age keys, the newest first: new backups with <c>encryption: age</c> are encrypted to that, and all of them can open. Read
    /// anew for each backup.
    /// </summary>
    public string AgeKeyFile { get; set; } = "";

    /// <summary>File with more age recipients that new backups are encrypted to, as of a key kept in a safe.</summary>
    public string AgeRecipientsFile { get; set; } = "";

    internal AgeFiles AgeFiles => new(AgeKeyFile, AgeRecipientsFile);

    /// <summary>Snapshots at once in this process; 0: twice the cores.</summary>
    public int MaxConcurrent { get; set; }

    /// <summary>Seconds in which a member must answer a probe.</summary>
    public int ProbeTimeoutInSecond { get; set; } = 3;

    /// <summary>Seconds without a byte after which a running snapshot is given up. There is no limit on its whole time.</summary>
    public int SilenceTimeoutInSecond { get; set; } = 30;

    /// <summary>Seconds after which a stored backup is read again and checked; 0: never.</summary>
    public int ScrubIntervalInSecond { get; set; } = 604_800;

    /// <summary>Megabytes a second that this checking reads at most, per cluster.</summary>
    public int ScrubMegabytesPerSecond { get; set; } = 50;

    /// <summary>Seconds after which scratch files of dead attempts are removed.</summary>
    public int SweepAgeInSecond { get; set; } = 3600;
}

/// <summary>One etcd cluster.</summary>
public sealed class ClusterSettings
{
    /// <summary>Its namespace.</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Client URLs of its members.</summary>
    public IReadOnlyList<string> Endpoints { get; set; } = [];

    /// <summary>TLS to the members.</summary>
    public TlsFiles Tls { get; set; } = new();

    /// <summary>Login to etcd.</summary>
    public EtcdLogin Auth { get; set; } = new();

    /// <summary>The backup spec; absent: the cluster is not backed up.</summary>
    public BackupSpec? Backup { get; set; }
}
