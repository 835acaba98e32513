namespace EtcdBackup.Host.Configuration;

/// <summary>How a server is reached.</summary>
internal sealed class ServerSettings
{
    /// <summary>The connection string, of StackExchange.Redis or Npgsql.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>A file that holds it, for it has a password.</summary>
    public string ConnectionStringFile { get; set; } = "";

    public string Read() => ConnectionStringFile == "" ? ConnectionString : File.ReadAllText(ConnectionStringFile).Trim();
}
