namespace EtcdBackup.Host.Api;

/// <summary>An example of the detail of an error answer, for the OpenAPI document.</summary>
internal sealed record ErrorExample(int Status, string Detail);
