using EtcdBackup.Host.Configuration;
using System.Globalization;
using EtcdBackup.Grains;
using Microsoft.Data.Sqlite;

namespace EtcdBackup.Host.State;

/// <summary>Grain state and reminders in one SQLite file, for a single silo.</summary>
internal sealed class SqliteState : IStateStore
{
    // The providers' name for Microsoft.Data.Sqlite.
    private const string Invariant = "System.Data.SQLite";

    // Raised with each change of the tables; a file with a newer one is left alone.
    private const int SchemaVersion = 1;

    // SQLITE_BUSY and SQLITE_LOCKED
    private const int Busy = 5;
    private const int Locked = 6;

    // Its driver waits for a lock by sleeping, half a minute by default.
    private const int LongestWaitInSecond = 5;

    // A readiness probe asks again in some seconds, and gives up after one.
    private const int LongestWaitOfCheckInSecond = 1;

    private readonly string _file;
    private readonly StateCalls _checks = new(atOnce: 1, holdsThread: true, TimeSpan.FromSeconds(LongestWaitInSecond));

    private SqliteState(string file) => _file = file;

    /// <inheritdoc/>
    public bool HoldsThread => true;

    /// <summary>Opens the file, and creates or upgrades its schema. Waits while another program has it locked.</summary>
    /// <exception cref="SettingsException">The file cannot be used.</exception>
    public static SqliteState Open(string dataDirectory)
    {
        var file = Path.Combine(dataDirectory, "state.db");
        var state = new SqliteState(file);
        for (var isTold = false; ; isTold = true)
        {
            try
            {
                Directory.CreateDirectory(dataDirectory);
                state.Prepare(dataDirectory);
                return state;
            }
            catch (SqliteException e) when (e.SqliteErrorCode is Busy or Locked)
            {
                if (!isTold)
                {
                    Console.Error.WriteLine($"The state file '{file}' is locked by another program: the service waits for it.");
                }
            }
            catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
            {
                throw new SettingsException(
                    [$"DataDirectory is '{dataDirectory}': its state file '{file}' cannot be used: {e.Message}"], e);
            }
        }
    }

    /// <inheritdoc/>
    public void Use(ISiloBuilder silo)
    {
        silo.AddAdoNetGrainStorage(GrainStorage.Name, o =>
        {
            o.Invariant = Invariant;
            o.ConnectionString = ConnectionString(LongestWaitInSecond);
        });
        silo.UseAdoNetReminderService(o =>
        {
            o.Invariant = Invariant;
            o.ConnectionString = ConnectionString(LongestWaitInSecond);
        });
    }

    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken) => _checks.AskAsync(() =>
    {
        // An open file goes on working after it was deleted, and all that is written to it is lost with the process.
        return File.Exists(_file)
            ? Task.FromResult(
                Execute("BEGIN IMMEDIATE; SELECT 1 FROM OrleansQuery LIMIT 1; ROLLBACK;", LongestWaitOfCheckInSecond))
            : throw new FileNotFoundException($"its file '{_file}' is gone: stop the service, restore the file or let a new one be made");
    });

    private void Prepare(string dataDirectory)
    {
        using var script = new StreamReader(
            typeof(SqliteState).Assembly.GetManifestResourceStream("EtcdBackup.Host.State.Sqlite.sql")!);
        if (Convert.ToInt64(Execute("PRAGMA user_version"), CultureInfo.InvariantCulture) is var version && version > SchemaVersion)
        {
            throw new SettingsException(
                [$"DataDirectory is '{dataDirectory}': its state file '{_file}' has schema {version}, and this build knows up to " +
                    $"{SchemaVersion}: use a newer build"]);
        }

        Execute("PRAGMA journal_mode = WAL");
        Execute($"BEGIN IMMEDIATE; {script.ReadToEnd()} PRAGMA user_version = {SchemaVersion}; COMMIT;");
    }

    private string ConnectionString(int longestWaitInSecond) =>
        new SqliteConnectionStringBuilder { DataSource = _file, DefaultTimeout = longestWaitInSecond }.ToString();

    private object? Execute(string sql, int longestWaitInSecond = LongestWaitInSecond)
    {
        using var connection = new SqliteConnection(ConnectionString(longestWaitInSecond));
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
