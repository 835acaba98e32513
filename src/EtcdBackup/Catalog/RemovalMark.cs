using System.Globalization;
using System.Text;
using EtcdBackup.Stores;

namespace EtcdBackup.Catalog;

/// <summary>
/// Says in the store that a backup is about to be removed, and by whom. Two activations of a cluster may remove at the same moment, each
/// relying on the backup that the other removes. Whoever removes marks first, then looks at the marks of others, and looks last whether
/// its own is still its own: of two that rely on each other, at least one sees the other's mark.
/// </summary>
public sealed class RemovalMark
{
    /// <summary>What follows the name of the backup.</summary>
    public const string Extension = ".removing";

    // Longer than a removal takes, and than clocks differ. Of what crashed meanwhile the mark stays for so long.
    private static readonly TimeSpan Age = TimeSpan.FromHours(1);

    private readonly IBackupStore _store;
    private readonly string _backup;
    private readonly string _owner;
    private bool _isInDoubt;

    private RemovalMark(IBackupStore store, string backup, string owner) => (_store, _backup, _owner) = (store, backup, owner);

    private string Key => _backup + Extension;

    /// <summary>Marks a backup; one's own earlier mark is taken again.</summary>
    /// <param name="store">Where the backup is.</param>
    /// <param name="backup">Its key.</param>
    /// <param name="owner">Who removes: one activation, without spaces.</param>
    /// <param name="now">When.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null if another is removing it.</returns>
    internal static async Task<RemovalMark?> TrySetAsync(
        IBackupStore store, string backup, string owner, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var mark = new RemovalMark(store, backup, owner);
        var content = Encoding.UTF8.GetBytes($"{now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)} {owner}");
        var found = await store.ReadDocumentAsync(mark.Key, cancellationToken);
        if (Is(found, now) && OwnerOf(found) != owner)
        {
            return null;
        }

        if (found is null)
        {
            await store.TryWriteNewAsync(mark.Key, content, cancellationToken);
        }
        else
        {
            await store.WriteDocumentAsync(mark.Key, content, cancellationToken);
        }

        // A store may send a write again whose answer was lost, and then find its own.
        return await mark.IsOwnAsync(cancellationToken) ? mark : null;
    }

    /// <summary>Whether a backup is being removed by anybody: nobody may rely on it.</summary>
    internal static async Task<bool> IsSetAsync(
        IBackupStore store, string backup, DateTimeOffset now, CancellationToken cancellationToken) =>
        Is(await store.ReadDocumentAsync(backup + Extension, cancellationToken), now);

    /// <summary>Removes the backup, unless somebody else's mark is in the place of this one: of what follows from it nothing is known
    /// then.</summary>
    /// <param name="remove">Removes it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False if the mark is not there any more.</returns>
    /// <exception cref="DeleteRefusedException">The store refuses.</exception>
    public async Task<bool> TryRemoveAsync(Func<Task> remove, CancellationToken cancellationToken)
    {
        if (!await IsOwnAsync(cancellationToken))
        {
            return false;
        }

        _isInDoubt = true;
        try
        {
            await remove();
            _isInDoubt = false;
        }
        catch (DeleteRefusedException)
        {
            _isInDoubt = false;
            throw;
        }

        return true;
    }

    /// <summary>
    /// Takes the mark away if it is one's own. It stays if nobody knows how the removal ended: the store may still do it, so nobody may
    /// rely on that backup for an hour. The owner may try again at once.
    /// </summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        if (!_isInDoubt && await IsOwnAsync(cancellationToken))
        {
            await _store.DeleteAsync(Key, cancellationToken);
        }
    }

    private async Task<bool> IsOwnAsync(CancellationToken cancellationToken) =>
        await _store.ReadDocumentAsync(Key, cancellationToken) is { } found && OwnerOf(found) == _owner;

    private static string OwnerOf(byte[]? mark) => Encoding.UTF8.GetString(mark ?? []).Split(' ')[^1];

    // What cannot be read as a time is a mark too, until it is swept.
    private static bool Is(byte[]? mark, DateTimeOffset now) =>
        mark is not null &&
            !(DateTimeOffset.TryParse(
                Encoding.UTF8.GetString(mark).Split(' ')[0], CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var since) &&
                    now - since > Age);
}
