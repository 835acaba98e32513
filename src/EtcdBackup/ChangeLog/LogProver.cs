using System.Text.Json;
using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Scheduling;
using EtcdBackup.Stores;

namespace EtcdBackup.ChangeLog;

/// <summary>
/// Proves the change log by each backup that is taken: an earlier backup and the log since then must give what the new one holds.
/// </summary>
/// <param name="catalogs">The stores.</param>
/// <param name="comparison">Compares both.</param>
/// <param name="slots">Proofs at once, in this silo.</param>
/// <param name="time">The clock.</param>
internal sealed class LogProver(BackupCatalogs catalogs, ILogComparison comparison, Slots slots, TimeProvider time)
{
    /// <summary>Proves it, and writes down the result as an anchor.</summary>
    /// <param name="spec">The cluster's spec.</param>
    /// <param name="path">The earlier backup, and the log up to the revision of the new one.</param>
    /// <param name="taken">The new backup.</param>
    /// <param name="host">Who takes the backups.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What differs; null if nothing does.</returns>
    /// <exception cref="IOException">Something could not be read, which says nothing.</exception>
    public async Task<string?> ProveAsync(
        ClusterSpec spec, LogPath path, BackupEntry taken, ILogHost host, CancellationToken cancellationToken)
    {
        using var slot = await slots.EnterAsync(time.GetUtcNow(), cancellationToken);
        var difference = await comparison.CompareAsync(spec, path, taken, cancellationToken);
        if (difference is not null)
        {
            await ExpectSoundAsync(spec, path.Base, difference, host);
            await ExpectSoundAsync(spec, taken, difference, host);
        }

        var anchor = new AnchorName(
            taken.Revision, path.Stream, taken.Metadata!.Sha256[..AnchorName.Sha256Digits],
            difference is null ? AnchorKind.Base : AnchorKind.Differs);
        var content = new { Backup = taken.Name.ToString(), ProvenFrom = path.Base.Name.ToString(), At = time.GetUtcNow(), difference };
        await (await LogStore.OfAsync(catalogs, spec, cancellationToken)).WriteAsync(
            anchor, JsonSerializer.SerializeToUtf8Bytes(content, JsonSerializerOptions.Web), cancellationToken);
        return difference;
    }

    // A backup that rotted says nothing of the log.
    private static async Task ExpectSoundAsync(ClusterSpec spec, BackupEntry backup, string difference, ILogHost host)
    {
        if (await host.VerifyAsync(spec.Key, backup.Name) is not true and var isSound)
        {
            var state = isSound is null ? "gone" : "damaged";
            throw new StoreException($"{backup.Name} is {state}, so the change log cannot be proven with it: {difference}");
        }
    }
}
