using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace EtcdBackup.Clustering.Kubernetes;

/// <summary>
/// The whole membership table of one Orleans cluster, as one custom resource named after it: what is written is written together, and
/// <c>resourceVersion</c> lets only one of two writers through.
/// </summary>
internal sealed class MembershipObject : IKubernetesObject<V1ObjectMeta>
{
    public const string Group = "etcdbackup.dev";
    public const string ApiVersionName = "v1";
    public const string Plural = "silomemberships";
    public const string KindName = "SiloMembership";

    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = Group + "/" + ApiVersionName;

    [JsonPropertyName("kind")]
    public string Kind { get; set; } = KindName;

    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>Raised by one with each change of a row, but not with a sign of life.</summary>
    [JsonPropertyName("version")]
    public int Version { get; set; }

    [JsonPropertyName("silos")]
    public IList<SiloRow> Silos { get; set; } = [];
}

/// <summary>One silo's row.</summary>
internal sealed class SiloRow
{
    /// <summary>As Orleans writes it: <c>IP:PORT@GENERATION</c>.</summary>
    [JsonPropertyName("address")]
    public string Address { get; set; } = "";

    [JsonPropertyName("name")]
    public string Name { get; set; } = "";

    [JsonPropertyName("host")]
    public string Host { get; set; } = "";

    [JsonPropertyName("status")]
    public string Status { get; set; } = "";

    [JsonPropertyName("proxyPort")]
    public int ProxyPort { get; set; }

    [JsonPropertyName("startTime")]
    public DateTime StartTime { get; set; }

    [JsonPropertyName("iAmAliveTime")]
    public DateTime IAmAliveTime { get; set; }

    [JsonPropertyName("suspecters")]
    public IList<SuspecterRow> Suspecters { get; set; } = [];

    /// <summary>Raised by one with each change of this row: its etag.</summary>
    [JsonPropertyName("revision")]
    public int Revision { get; set; }
}

/// <summary>Who suspects a silo, since when.</summary>
internal sealed class SuspecterRow
{
    [JsonPropertyName("address")]
    public string Address { get; set; } = "";

    [JsonPropertyName("time")]
    public DateTime Time { get; set; }
}
