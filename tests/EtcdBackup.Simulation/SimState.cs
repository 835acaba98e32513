using System.Text.Json;
using EtcdBackup.Grains;
using Orleans.Storage;

namespace EtcdBackup.Simulation;

/// <summary>The state store: one row for each cluster, with an etag.</summary>
internal sealed class SimStateStore(World world)
{
    private readonly Dictionary<string, (string Json, int Etag)> _rows = [];
    private readonly Dictionary<string, List<(string Json, int Etag)>> _past = [];
    private int _etag;

    public StoreMood Mood { get; set; }

    /// <summary>The last writer wins, whatever others wrote meanwhile.</summary>
    public bool ForgetsConflicts { get; set; }

    /// <summary>The row is gone, as after a restore of an empty database.</summary>
    public void Lose(string key) => _rows.Remove(key);

    /// <summary>The row is what it was some writes ago.</summary>
    public void RollBack(string key, int writes)
    {
        if (_past.TryGetValue(key, out var past) && past.Count > 0)
        {
            _rows[key] = past[Math.Max(0, past.Count - 1 - writes)];
        }
    }

    /// <summary>What the row of a cluster holds; null when there is none.</summary>
    public BackupGrainState? Peek(string key) =>
        _rows.TryGetValue(key, out var row) ? JsonSerializer.Deserialize<BackupGrainState>(row.Json) : null;

    public async Task<(string Json, int Etag)?> ReadAsync(string key)
    {
        await PassAsync();
        return _rows.TryGetValue(key, out var row) ? row : null;
    }

    public async Task<int> WriteAsync(string key, string json, int? etag)
    {
        var late = await PassAsync();
        if (!ForgetsConflicts && (_rows.TryGetValue(key, out var row) ? row.Etag : null as int?) != etag)
        {
            throw new InconsistentStateException("another write came before", $"{_etag}", $"{etag}");
        }

        _rows[key] = (json, ++_etag);
        (_past.TryGetValue(key, out var past) ? past : _past[key] = []).Add((json, _etag));
        late?.Invoke();
        return _etag;
    }

    public async Task<Action?> PassAsync()
    {
        await world.DelayAsync(1, 20);
        switch (Mood)
        {
            case StoreMood.Hanging:
                await world.DelayAsync(TimeSpan.FromSeconds(45));
                throw new IOException("the state store hung");
            case StoreMood.Failing:
                return world.Chance(0.3) ? () =>
                    throw new IOException("the state store failed") : throw new IOException("the state store is down");
            default:
                return null;
        }
    }
}

/// <summary>One activation's view of its row.</summary>
internal sealed class SimPersistentState<T>(SimStateStore store, string key) : IPersistentState<T>
    where T : class, new()
{
    private int? _etag;

    public T State { get; set; } = new();

    public string? Etag => _etag?.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public bool RecordExists => _etag is not null;

    /// <summary>As it moves with a grain to another silo.</summary>
    public SimPersistentState<T> Moved() =>
        new(store, key) { State = JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(State))!, _etag = _etag };

    public Task ClearStateAsync() => throw new NotSupportedException();

    public async Task ReadStateAsync()
    {
        var row = await store.ReadAsync(key);
        _etag = row?.Etag;
        State = row is { } r ? JsonSerializer.Deserialize<T>(r.Json)! : new T();
    }

    public async Task WriteStateAsync() => _etag = await store.WriteAsync(key, JsonSerializer.Serialize(State), _etag);

    public Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();

    public Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

    public Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();
}
