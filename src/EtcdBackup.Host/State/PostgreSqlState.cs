using EtcdBackup.Host.Configuration;
using EtcdBackup.Grains;
using Npgsql;

namespace EtcdBackup.Host.State;

/// <summary>Grain state, reminders and membership in PostgreSQL. The schema is created and upgraded at the start.</summary>
internal sealed class PostgreSqlState : IStateStore
{
    // Raised with each change of the tables; a database with a newer one is left alone.
    private const int SchemaVersion = 1;
    private const long SchemaLock = 0x45746364426b7570;
    private const string Invariant = "Npgsql";
    private const int CommandTimeoutInSecond = 10;

    private readonly NpgsqlDataSource _source;
    private readonly string _connectionString;

    private PostgreSqlState(string connectionString) =>
        (_connectionString, _source) = (connectionString, NpgsqlDataSource.Create(connectionString));

    /// <inheritdoc/>
    public bool HoldsThread => false;

    /// <summary>Connects, and creates or upgrades the schema.</summary>
    /// <exception cref="SettingsException">The database cannot be used.</exception>
    public static PostgreSqlState Open(ServerSettings settings)
    {
        try
        {
            // A dead connection should be noticed before the next run, unless the operator configured otherwise.
            var connection = new NpgsqlConnectionStringBuilder(settings.Read());
            connection.CommandTimeout = connection.ContainsKey("Command Timeout") ? connection.CommandTimeout : CommandTimeoutInSecond;
            var state = new PostgreSqlState(connection.ConnectionString);
            state.Prepare();
            return state;
        }
        catch (Exception e) when (e is NpgsqlException or ArgumentException)
        {
            throw new SettingsException([$"Orleans:PostgreSQL cannot be used: {e.Message}"], e);
        }
    }

    /// <summary>Makes the silo find other silos here.</summary>
    public void UseClustering(ISiloBuilder silo) =>
        silo.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (Invariant, _connectionString));

    /// <inheritdoc/>
    public void Use(ISiloBuilder silo)
    {
        silo.AddAdoNetGrainStorage(GrainStorage.Name, o => (o.Invariant, o.ConnectionString) = (Invariant, _connectionString));
        silo.UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (Invariant, _connectionString));
    }

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand("SELECT count(*) FROM OrleansQuery");
        await command.ExecuteScalarAsync(cancellationToken);
    }

    private void Prepare()
    {
        using var script = new StreamReader(
            typeof(PostgreSqlState).Assembly.GetManifestResourceStream("EtcdBackup.Host.State.PostgreSQL.sql")!);
        using var connection = _source.OpenConnection();
        using var transaction = connection.BeginTransaction();
        Execute($"SELECT pg_advisory_xact_lock({SchemaLock})");
        Execute("CREATE TABLE IF NOT EXISTS EtcdBackupSchema (Version integer NOT NULL)");
        using (var read = new NpgsqlCommand("SELECT max(Version) FROM EtcdBackupSchema", connection, transaction))
        {
            if (read.ExecuteScalar() is int version && version > SchemaVersion)
            {
                throw new SettingsException(
                    [$"Orleans:PostgreSQL names a database with schema {version}, and this build knows up to {SchemaVersion}: use a " +
                        "newer build"]);
            }
        }

        Execute(script.ReadToEnd());
        Execute($"DELETE FROM EtcdBackupSchema; INSERT INTO EtcdBackupSchema VALUES ({SchemaVersion})");
        transaction.Commit();

        void Execute(string sql)
        {
            using var command = new NpgsqlCommand(sql, connection, transaction);
            command.ExecuteNonQuery();
        }
    }
}
