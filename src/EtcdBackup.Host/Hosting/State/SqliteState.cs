using System.Globalization;
using EtcdBackup.Grains;
using Microsoft.Data.Sqlite;

namespace EtcdBackup.Host.Hosting.State;

/// <summary>Grain state and reminders in one SQLite file, for a single silo.</summary>
internal sealed class SqliteState : IStateStore
{
    // The providers' name for Microsoft.Data.Sqlite.
    private const string Invariant = "System.Data.SQLite";

    // Raised with each change of the tables; a file with a newer one is left alone.
    private const int SchemaVersion = 1;

    private readonly string _connectionString;

    private SqliteState(string connectionString) => _connectionString = connectionString;

    /// <summary>Opens the file, and makes or renews what is in it.</summary>
    /// <exception cref="SettingsException">The file cannot be used.</exception>
    public static SqliteState Open(string dataDirectory)
    {
        var file = Path.Combine(dataDirectory, "state.db");
        var state = new SqliteState(new SqliteConnectionStringBuilder { DataSource = file }.ToString());
        try
        {
            Directory.CreateDirectory(dataDirectory);
            using var script = new StreamReader(
                typeof(SqliteState).Assembly.GetManifestResourceStream("EtcdBackup.Host.Hosting.State.Sqlite.sql")!);
            if (Convert.ToInt64(state.Execute("PRAGMA user_version"), CultureInfo.InvariantCulture) is var version &&
                version > SchemaVersion)
            {
                throw new SettingsException(
                    [$"DataDirectory is '{dataDirectory}': its state file '{file}' has schema {version}, and this build knows up to {SchemaVersion}: use a newer build"]);
            }

            state.Execute("PRAGMA journal_mode = WAL");
            state.Execute($"BEGIN IMMEDIATE; {script.ReadToEnd()} PRAGMA user_version = {SchemaVersion}; COMMIT;");
            return state;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"DataDirectory is '{dataDirectory}': its state file '{file}' cannot be used: {e.Message}"], e);
        }
    }

    /// <inheritdoc/>
    public void Use(ISiloBuilder silo)
    {
        silo.AddAdoNetGrainStorage(GrainStorage.Name, o =>
        {
            o.Invariant = Invariant;
            o.ConnectionString = _connectionString;
        });
        silo.UseAdoNetReminderService(o =>
        {
            o.Invariant = Invariant;
            o.ConnectionString = _connectionString;
        });
    }

    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken)
    {
        Execute("BEGIN IMMEDIATE; SELECT 1 FROM OrleansQuery LIMIT 1; ROLLBACK;");
        return Task.CompletedTask;
    }

    private object? Execute(string sql)
    {
        using var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
