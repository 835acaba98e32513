using EtcdBackup.Catalog;
using EtcdBackup.Stores;

namespace EtcdBackup.Simulation;

/// <content>What is written.</content>
internal sealed partial class SimStore
{
    private sealed class SimPending(SimStore store, string folder) : IPendingObject
    {
        private readonly MemoryStream _bytes = new();

        public string LocalPath => "";

        public void Expect(string name)
        {
            // no matter
        }

        public ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            _bytes.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }

        public void Seal()
        {
            // no more comes
        }

        public async Task<bool> TryCommitAsync(string name, CancellationToken cancellationToken)
        {
            var key = $"{folder}/{name}";
            if (store.KeepsNames)
            {
                return await store.DoAsync(() => !store._objects.ContainsKey(key) && Place(key, name), cancellationToken);
            }

            // It looks, and then writes: another may write in between.
            await store.PassAsync(cancellationToken);
            return !store._objects.ContainsKey(key) && await store.DoAsync(() => Place(key, name), cancellationToken);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private bool Place(string key, string name)
        {
            var made = SimSnapshot.Read(_bytes.ToArray());
            if (store._objects.TryGetValue(key, out var standing) && standing.Content?.Id != made.Content?.Id)
            {
                store.Violated?.Invoke($"I5: {name} got other content");
            }

            if (BackupName.TryParse(name, out _) && made.Content is null)
            {
                store.Violated?.Invoke($"I5: {name} was committed and is not sound");
            }

            if (name.EndsWith(".corrupt", StringComparison.Ordinal) && made.Content is not null)
            {
                store.Violated?.Invoke($"I5: {name} was quarantined and is sound");
            }

            store.Put(key, new SimObject
            {
                Bytes = _bytes.ToArray(),
                Tag = store.NextTag(),
                At = store.Now,
                ListedFrom = store.ListedFrom(key),
                Content = made.Content,
                Era = made.Era,
            });
            if (store.Planted == Planted.LosesWhatItTold)
            {
                store.LoseSoon(key);
            }

            return true;
        }
    }
}
