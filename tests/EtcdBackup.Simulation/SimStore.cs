using System.Runtime.CompilerServices;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Stores;

namespace EtcdBackup.Simulation;

/// <summary>How a store behaves.</summary>
internal enum StoreMood
{
    Well,
    Slow,
    Failing,
    Hanging,
}

/// <summary>A store in memory that keeps no more promises than it must.</summary>
internal sealed partial class SimStore(World world) : IBackupStore, IBackupStores
{
    private static readonly TimeSpan CommitLasts = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan OfLate = TimeSpan.FromSeconds(30);

    private readonly SortedDictionary<string, SimObject> _objects = new(StringComparer.Ordinal);
    private readonly List<(string Key, SimObject Object, TimeSpan Until)> _ghosts = [];
    private int _tags;

    public StoreMood Mood { get; set; }

    /// <summary>Whether listings show the past.</summary>
    public bool IsLate { get; set; }

    /// <summary>Whether a name that is taken stays so even when two write at once.</summary>
    public bool KeepsNames { get; set; } = true;

    public bool RefusesDeletes { get; set; }

    /// <summary>How long a call may bring nothing: what the edge of a real store enforces.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What is planted in it.</summary>
    public Planted Planted { get; set; }

    /// <summary>Told before an object goes.</summary>
    public Action<string>? Deleting { get; set; }

    /// <summary>A deletion was given up: it may be done later.</summary>
    public Action<string>? GivenUp { get; set; }

    public Action<string>? Documented { get; set; }

    /// <summary>Told of what should not happen.</summary>
    public Action<string>? Violated { get; set; }

    public IReadOnlyDictionary<string, SimObject> Objects => _objects;

    public int Listings { get; private set; }

    /// <summary>Whether a listing that a run made of late showed all there was.</summary>
    public bool IsTimely =>
        !IsLate && !_objects.Values.Any(o => o.ListedFrom > world.Elapsed - OfLate && World.Start + o.ListedFrom > o.At);

    public ValueTask<IBackupStore> ForAsync(ClusterSpec spec, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IBackupStore>(this);

    public void Heal()
    {
        (Mood, IsLate, RefusesDeletes) = (StoreMood.Well, false, false);
        foreach (var write in _left)
        {
            DoLater(write, 20);
        }
    }

    public void Lose(string key) => _objects.Remove(key);

    /// <summary>Somebody writes over an object; not in the moment between its commit and the note of its tag.</summary>
    public void WriteOver(string key)
    {
        Rot(key);
        if (world.Now - _objects[key].At < CommitLasts)
        {
            return;
        }

        (_objects[key].WrittenOverAt, _objects[key].Tag) = (world.Elapsed, NextTag());
    }

    public void Rot(string key)
    {
        var found = _objects[key];
        if (found.IsRotten)
        {
            return;
        }

        found.IsRotten = true;
        found.Before ??= found.Bytes;
        found.Bytes = [.. found.Bytes.Select((b, i) => i == 0 ? (byte)(b ^ 1) : b)];
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Listings++;
        await PassAsync(cancellationToken);
        var now = world.Elapsed;
        _ghosts.RemoveAll(g => g.Until <= now);
        var hidden = Planted == Planted.HidesABackup
            ? _objects.Keys.FirstOrDefault(k => k.EndsWith(BackupName.Suffix, StringComparison.Ordinal)) : null;
        var seen = _objects.Where(o => o.Value.ListedFrom <= now && o.Key != hidden).Select(o => (o.Key, Object: o.Value))
            .Concat(_ghosts.Where(g => !_objects.ContainsKey(g.Key)).Select(g => (g.Key, g.Object))).ToArray();
        foreach (var (key, found) in seen.Where(o => o.Key.StartsWith(folder + "/", StringComparison.Ordinal)))
        {
            yield return Describe(key, found);
        }
    }

    public async Task<StoredObject?> StatAsync(string key, CancellationToken cancellationToken)
    {
        await PassAsync(cancellationToken);
        return _objects.TryGetValue(key, out var found) ? Describe(key, found) : null;
    }

    public async Task<Stream> OpenAsync(string key, CancellationToken cancellationToken)
    {
        await PassAsync(cancellationToken);
        return _objects.TryGetValue(key, out var found) ? new MemoryStream(found.Bytes, writable: false)
            : throw new FileNotFoundException(key);
    }

    public async Task<IPendingObject> BeginAsync(string folder, long expectedSize, CancellationToken cancellationToken)
    {
        await PassAsync(cancellationToken);
        return new SimPending(this, folder);
    }

    public async Task<byte[]?> ReadDocumentAsync(string key, CancellationToken cancellationToken)
    {
        await PassAsync(cancellationToken);
        return _objects.TryGetValue(key, out var found) ? found.Bytes : null;
    }

    public Task<int> SweepAsync(TimeSpan age, CancellationToken cancellationToken) => Task.FromResult(0);

    public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static StoredObject Describe(string key, SimObject found) =>
        new(key[(key.LastIndexOf('/') + 1)..], found.Bytes.Length, found.At, found.Tag);

    private string NextTag() => $"t{++_tags}";

    private TimeSpan ListedFrom(string key) =>
        !IsLate || _objects.ContainsKey(key) ? world.Elapsed : world.Elapsed + TimeSpan.FromSeconds(world.Random.Next(0, 90));

    private void LoseSoon(string key) =>
        world.At(world.Elapsed + TimeSpan.FromMilliseconds(world.Random.Next(60, 160)), world.Nobody, () => _objects.Remove(key));

    private void Put(string key, SimObject value) => _objects[key] = value;

    // What a call goes through; what it gives is done after a write.
    private async Task<Action?> PassAsync(CancellationToken cancellationToken, bool isWrite = false)
    {
        await world.DelayAsync(1, Mood == StoreMood.Slow ? 8_000 : 30);
        cancellationToken.ThrowIfCancellationRequested();
        switch (Mood)
        {
            case StoreMood.Hanging:
                await world.DelayAsync(Silence);
                cancellationToken.ThrowIfCancellationRequested();
                throw new StoreException("the store did not answer in time");
            case StoreMood.Failing when world.Chance(0.6):
                var failure = new StoreException("the store failed");
                return isWrite && world.Chance(0.5) ? () => throw failure : throw failure;
            default:
                return null;
        }
    }

    private DateTimeOffset Now => world.Now;
}
