namespace EtcdBackup.Host.Configuration;

/// <summary>What the program was started with.</summary>
/// <param name="ConfigFile">The configuration file, if one was named.</param>
/// <param name="Arguments">The other arguments: <c>--Section:Key=value</c>.</param>
internal sealed record StartOptions(string? ConfigFile, string[] Arguments);
