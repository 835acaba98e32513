namespace EtcdBackup.Host.Configuration;

/// <summary>The protocols of OTLP.</summary>
internal enum OtlpProtocol
{
    /// <summary>gRPC, usually at port 4317.</summary>
    Grpc,

    /// <summary>Protobuf over HTTP, usually at port 4318.</summary>
    Http,
}
