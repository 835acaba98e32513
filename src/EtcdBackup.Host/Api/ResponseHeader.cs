namespace EtcdBackup.Host.Api;

/// <summary>A header that a successful answer may have, for the OpenAPI document.</summary>
internal sealed record ResponseHeader(string Name, string Description, string Example);
