namespace EtcdBackup.Host.Configuration;

/// <summary>Metrics and traces.</summary>
internal sealed class MetricsSettings
{
    /// <summary>How many clusters have series of their own; of more only those that are not well have.</summary>
    public int MaxClusters { get; set; } = 1000;

    /// <summary>Where metrics and traces are sent by OTLP, e.g. <c>http://collector:4317</c>; empty: nowhere.</summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>How they are sent.</summary>
    public OtlpProtocol OtlpProtocol { get; set; }

    /// <summary>Seconds between two sendings of metrics.</summary>
    public int OtlpIntervalInSecond { get; set; } = 60;
}

/// <summary>The protocols of OTLP.</summary>
internal enum OtlpProtocol
{
    /// <summary>gRPC, usually at port 4317.</summary>
    Grpc,

    /// <summary>Protobuf over HTTP, usually at port 4318.</summary>
    Http,
}
