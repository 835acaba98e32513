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
