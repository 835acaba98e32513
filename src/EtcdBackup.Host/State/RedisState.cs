using EtcdBackup.Host.Configuration;
using EtcdBackup.Grains;
using StackExchange.Redis;

namespace EtcdBackup.Host.State;

/// <summary>
/// Grain state, reminders and membership in Redis. Redis must write its log to disk (appendonly yes), or a crash of it loses the state.
/// </summary>
internal sealed class RedisState(ConfigurationOptions options) : IStateStore
{
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection = new(() => ConnectionMultiplexer.ConnectAsync(options));

    /// <inheritdoc/>
    public bool HoldsThread => false;

    /// <summary>Reads the settings.</summary>
    /// <exception cref="SettingsException">They cannot be used.</exception>
    public static RedisState From(ServerSettings settings)
    {
        try
        {
            var options = ConfigurationOptions.Parse(settings.Read());

            // Redis may be down at the start: the client connects later by itself.
            options.AbortOnConnectFail = false;
            return new RedisState(options);
        }
        catch (ArgumentException e)
        {
            throw new SettingsException([$"Orleans:Redis has a connection string that cannot be used: {e.Message}"], e);
        }
    }

    /// <summary>Makes the silo find other silos here.</summary>
    public void UseClustering(ISiloBuilder silo) => silo.UseRedisClustering(o => o.ConfigurationOptions = options);

    /// <inheritdoc/>
    public void Use(ISiloBuilder silo)
    {
        silo.AddRedisGrainStorage(GrainStorage.Name, o => o.ConfigurationOptions = options);
        silo.UseRedisReminderService(o => o.ConfigurationOptions = options);
    }

    /// <inheritdoc/>
    public async Task CheckAsync(CancellationToken cancellationToken) =>
        await (await _connection.Value.WaitAsync(cancellationToken)).GetDatabase().PingAsync().WaitAsync(cancellationToken);
}
