namespace EtcdBackup.Host.Api;

/// <summary>A sentence that an answer with an error may have as its detail, for the OpenAPI document.</summary>
internal sealed record ErrorExample(int Status, string Detail);
