using EtcdBackup.Grains;
using EtcdBackup.Host.State;
using EtcdBackup.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace EtcdBackup.Host.Tests.State;

/// <summary>A state file that another connection has locked, under a silo as the service has it.</summary>
public sealed class SqliteStateTests : IAsyncLifetime
{
    private static readonly GrainId Id = GrainId.Create("kind", "key");

    private readonly ScratchDirectory _directory = new();
    private readonly SqliteConnection _lock;
    private readonly SqliteState _state;
    private readonly IHost _host;

    public SqliteStateTests()
    {
        _state = SqliteState.Open(_directory.Path);
        _lock = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _directory["state.db"], Pooling = false }.ToString());
        var ports = Workspace.FreePorts(2);
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(ports[0], ports[1]);
            _state.Use(silo);
            silo.Services.GuardState(_state.HoldsThread, TimeSpan.FromMinutes(1));
        });
        _host = builder.Build();
    }

    public async ValueTask InitializeAsync()
    {
        await _host.StartAsync();
        await _lock.OpenAsync();
        Lock("BEGIN EXCLUSIVE");
    }

    public async ValueTask DisposeAsync()
    {
        await _lock.DisposeAsync();
        await _host.StopAsync();
        _host.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Who_writes_state_has_his_turn_back_at_once_and_is_told_before_long_that_it_is_locked()
    {
        var storage = _host.Services.GetRequiredKeyedService<IGrainStorage>(GrainStorage.Name);
        var state = new GrainState<string>("one");
        var write = storage.WriteStateAsync("state", Id, state);
        Assert.False(write.IsCompleted);
        var locked = await Assert.ThrowsAsync<SqliteException>(() => write);
        Assert.Contains("locked", locked.Message, StringComparison.Ordinal);
        Assert.Null(state.ETag);

        Lock("ROLLBACK");
        await storage.WriteStateAsync("state", Id, state);
        state.State = "two";
        await storage.WriteStateAsync("state", Id, state);
        var read = new GrainState<string>("");
        await storage.ReadStateAsync("state", Id, read);
        Assert.Equal(("two", state.ETag), (read.State, read.ETag));
    }

    [Fact]
    public async Task Who_writes_a_reminder_has_his_turn_back_at_once_and_who_reads_waits_for_no_writer()
    {
        var reminders = _host.Services.GetRequiredService<IReminderTable>();
        var write = reminders.UpsertRow(Reminder());
        Assert.False(write.IsCompleted);
        Assert.Empty((await reminders.ReadRows(Id)).Reminders);
        Assert.False(write.IsCompleted);
        await Assert.ThrowsAsync<SqliteException>(() => write);

        Lock("ROLLBACK");
        var tag = await reminders.UpsertRow(Reminder());
        Assert.Equal(tag, (await reminders.ReadRow(Id, "heartbeat"))!.ETag);
        Assert.True(await reminders.RemoveRow(Id, "heartbeat", tag!));
    }

    [Fact]
    public async Task Who_asks_whether_it_can_be_written_is_told_no_and_holds_no_thread()
    {
        var check = _state.CheckAsync(CancellationToken.None);
        Assert.False(check.IsCompleted);
        await Assert.ThrowsAsync<SqliteException>(() => check);
        Lock("ROLLBACK");
        await _state.CheckAsync(CancellationToken.None);
    }

    private static ReminderEntry Reminder() => new()
    {
        GrainId = Id,
        ReminderName = "heartbeat",
        StartAt = DateTime.UtcNow,
        Period = TimeSpan.FromMinutes(1),
    };

    private void Lock(string sql)
    {
        using var command = _lock.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
