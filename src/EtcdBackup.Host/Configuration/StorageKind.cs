namespace EtcdBackup.Host.Configuration;

/// <summary>Where grain state and reminders are kept.</summary>
internal enum StorageKind
{
    /// <summary>A SQLite file in the data directory.</summary>
    Sqlite,

    /// <summary>In Redis.</summary>
    Redis,

    /// <summary>In PostgreSQL.</summary>
    PostgreSQL,
}
