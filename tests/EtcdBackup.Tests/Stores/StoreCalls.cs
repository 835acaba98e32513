using EtcdBackup.Stores;

namespace EtcdBackup.Tests.Stores;

/// <summary>Every call that a store can be asked for.</summary>
internal static class StoreCalls
{
    public const string Key = "v1/space/cluster/3.5.30_000000000000000f_etcd.backup";
    private const string Folder = "v1/space/cluster";

    public static readonly string[] All =
        ["List", "Stat", "Open", "Begin", "Append", "Commit", "Read", "Write", "WriteNew", "Delete", "Sweep", "Check"];

    public static async Task AskAsync(IBackupStore store, string call, CancellationToken cancel, int size = 5)
    {
        switch (call)
        {
            case "List":
                await foreach (var _ in store.ListAsync(Folder, cancel))
                {
                    // all of them
                }

                break;
            case "Begin" or "Append" or "Commit":
                await WriteAsync(store, size, cancel);
                break;
            default:
                await (call switch
                {
                    "Stat" => store.StatAsync(Key, cancel),
                    "Open" => store.OpenAsync(Key, cancel),
                    "Read" => store.ReadDocumentAsync(Key + ".json", cancel),
                    "Write" => store.WriteDocumentAsync(Key + ".json", "{}"u8.ToArray(), cancel),
                    "WriteNew" => store.TryWriteNewAsync(Key + ".removing", "{}"u8.ToArray(), cancel),
                    "Delete" => store.DeleteAsync(Key, cancel),
                    "Sweep" => store.SweepAsync(TimeSpan.Zero, cancel),
                    "Check" => store.CheckAsync(cancel),
                    _ => throw new ArgumentException(call, nameof(call)),
                });
                break;
        }
    }

    private static async Task WriteAsync(IBackupStore store, int size, CancellationToken cancel)
    {
        await using var pending = await store.BeginAsync(Folder, size, cancel);
        await pending.AppendAsync(new byte[size], cancel);
        await pending.SealAsync(cancel);
        await pending.TryCommitAsync(Key[(Key.LastIndexOf('/') + 1)..], cancel);
    }
}
