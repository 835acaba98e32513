namespace EtcdBackup.Host.Configuration;

/// <summary>How a server is reached.</summary>
internal sealed class ServerSettings
{
    /// <summary>The connection string, of StackExchange.Redis or Npgsql.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>A file with the connection string, because that contains a password.</summary>
    public string ConnectionStringFile { get; set; } = "";

    public string Read() => ConnectionStringFile == "" ? ConnectionString : File.ReadAllText(ConnectionStringFile).Trim();
}
