using EtcdBackup.Catalog;
using EtcdBackup.Clusters;
using EtcdBackup.Encodings;
using EtcdBackup.Scheduling;
using EtcdBackup.Stores;
using Microsoft.Extensions.Logging;

namespace EtcdBackup.Upkeep;

/// <summary>Reads the stored backups of one cluster back, each in turn, and records in the metadata whether they are sound.</summary>
/// <param name="key">The cluster.</param>
/// <param name="stored">Its backups.</param>
/// <param name="reader">Reads them.</param>
/// <param name="slots">Verifications and scrubs have slots of their own, so that no snapshot waits for them.</param>
/// <param name="options">How often and how fast.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs what was found.</param>
internal sealed partial class Scrubber(
    ClusterKey key, StoredBackups stored, IBackupReader reader, RunSlots slots, ScrubOptions options, TimeProvider time, ILogger logger)
{
    // One unreadable sector fails each time; a store that is unavailable says nothing about the bytes.
    private const int FailuresUntilDamaged = 3;

    private static readonly TimeSpan BetweenFailures = TimeSpan.FromMinutes(10);

    private readonly Dictionary<BackupName, (int Count, DateTimeOffset At)> _failures = [];

    private readonly Dictionary<BackupName, Task> _settling = [];

    // If a result cannot be recorded, as in a document of a newer build, it is remembered here.
    private readonly Dictionary<BackupName, DateTimeOffset> _read = [];

    /// <summary>Reads all backups that are due, one after the other; one that cannot be read does not stop the others.</summary>
    /// <returns>Whether one was found damaged.</returns>
    public async Task<bool> ScrubAsync(ClusterSpec spec, CancellationToken cancellationToken)
    {
        var (failed, found) = (new List<(BackupEntry Entry, IOException Why)>(), false);
        var seen = new HashSet<BackupName>();
        while (stored.View is { } view && NextDue(view, seen) is { } due)
        {
            seen.Add(due.Name);
            try
            {
                var report = await VerifyAsync(spec, due, isSlow: true, cancellationToken);
                found |= !report.Verification.Sound;
            }
            catch (FileNotFoundException)
            {
                // deleted meanwhile
            }
            catch (BackupKeyException e)
            {
                LogNoKey(key, due.Name, e);
            }
            catch (IOException e)
            {
                failed.Add((due, e));
            }
        }

        if (failed.Count > 0)
        {
            // A store that is unavailable says nothing about the bytes: a failure counts only if the store answers.
            await stored.RefreshAsync(cancellationToken);
        }

        foreach (var (entry, why) in failed)
        {
            found |= await CountAsync(entry, why, cancellationToken);
        }

        return found;
    }

    /// <summary>Reads a backup whose object was overwritten; once, however many callers wait for it.</summary>
    /// <exception cref="IOException">It could not be read; <see cref="FileNotFoundException"/>: it is gone.</exception>
    /// <exception cref="BackupKeyException">There is no key that opens it.</exception>
    public async Task SettleAsync(ClusterSpec spec, BackupEntry doubtful, CancellationToken cancellationToken)
    {
        if (!_settling.TryGetValue(doubtful.Name, out var settling) || settling.IsCompleted)
        {
            LogDoubtful(key, doubtful.Name);

            // A caller that gives up does not end it for the others; the store's silence limit ends a call that hangs.
            settling = _settling[doubtful.Name] = VerifyAsync(spec, doubtful, isSlow: false, CancellationToken.None);
        }

        try
        {
            await settling.WaitAsync(cancellationToken);
        }
        finally
        {
            if (settling.IsCompleted)
            {
                _settling.Remove(doubtful.Name);
            }
        }
    }

    /// <summary>Reads one backup back and records whether it is sound.</summary>
    /// <exception cref="IOException">It could not be read; <see cref="FileNotFoundException"/>: it is gone.</exception>
    /// <exception cref="BackupKeyException">There is no key that opens it.</exception>
    public async Task<VerificationReport> VerifyAsync(ClusterSpec spec, BackupEntry entry, bool isSlow, CancellationToken cancellationToken)
    {
        using var slot = await (isSlow ? slots.Scrubs : slots.Verifications).EnterAsync(time.GetUtcNow(), cancellationToken);
        var read = await reader.ReadAsync(spec, entry, isSlow, cancellationToken);
        slot.Dispose();
        _failures.Remove(entry.Name);
        _read[entry.Name] = time.GetUtcNow();
        var verification = new Verification(time.GetUtcNow(), read.Problem is null, read.Problem);
        VerificationMeter.Count(isSlow, verification.Sound);
        if (read.Problem is not null)
        {
            LogRot(key, entry.Name, read.Problem);
        }

        return await TryNoteAsync(entry, verification, read.Rebuilt, cancellationToken)
            ? new VerificationReport(entry.Name, verification, read.Report)
            : throw new FileNotFoundException($"'{entry.Name}' was removed while it was read", entry.Name.ToString());
    }

    // What was read counts at once, also where the store has no room for the note.
    private async Task<bool> TryNoteAsync(
        BackupEntry entry, Verification verification, BackupMetadata rebuilt, CancellationToken cancellationToken)
    {
        try
        {
            return await stored.NoteAsync(entry, verification, rebuilt, cancellationToken);
        }
        catch (StoreException e)
        {
            LogNotNoted(key, entry.Name, e.Message);
            return true;
        }
    }

    // First the backups that were overwritten since they were last read, then those never read, then those read longest ago. Damaged ones
    // are not read again until a person asks.
    private BackupEntry? NextDue(StoredView view, HashSet<BackupName> seen) => view.Entries
        .Where(b => !seen.Contains(b.Name) && (b.IsDoubtful || (b.IsSound && IsDue(b))))
        .MinBy(b => b.IsDoubtful ? DateTimeOffset.MinValue : LastRead(b));

    private bool IsDue(BackupEntry entry) => options.Interval > TimeSpan.Zero && time.GetUtcNow() - LastRead(entry) >= options.Interval;

    private async Task<bool> CountAsync(BackupEntry entry, IOException why, CancellationToken cancellationToken)
    {
        var (count, at) = _failures.GetValueOrDefault(entry.Name);
        if (time.GetUtcNow() - at < BetweenFailures)
        {
            return false;
        }

        _failures[entry.Name] = (++count, time.GetUtcNow());
        LogNotRead(key, entry.Name, count, why);
        if (count < FailuresUntilDamaged)
        {
            return false;
        }

        var problem = $"it could not be read, {count} times in a row: {why.Message}";
        LogRot(key, entry.Name, problem);
        return await stored.NoteAsync(
            entry, new Verification(time.GetUtcNow(), false, problem), BackupMetadata.Rebuild(entry, entry.StoredSize, "", null),
                cancellationToken);
    }

    private DateTimeOffset LastRead(BackupEntry b) =>
        b.Metadata?.Verification?.At ?? (b.Metadata is null ? _read.GetValueOrDefault(b.Name) : b.CreationTime);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: that {Backup} was read could not be noted in the store, and is read again after a restart: {Why}")]
    private partial void LogNotNoted(ClusterKey cluster, BackupName backup, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: the stored backup {Backup} was overwritten, or the store was copied: it is read before it counts")]
    private partial void LogDoubtful(ClusterKey cluster, BackupName backup);

    [LoggerMessage(Level = LogLevel.Critical, Message =
        "THE STORED BACKUP {Backup} of {Cluster} IS DAMAGED: {Problem}. It is no longer served as the latest, and not counted; remove " +
        "it from the store when you have looked at it")]
    private partial void LogRot(ClusterKey cluster, BackupName backup, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Cluster}: the stored backup {Backup} could not be read back ({Failures} in a row); it is tried again after the next run")]
    private partial void LogNotRead(ClusterKey cluster, BackupName backup, int failures, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "{Cluster}: no key opens the stored backup {Backup}: put its key back into Backups:AgeKeyFile. Its bytes could not be checked")]
    private partial void LogNoKey(ClusterKey cluster, BackupName backup, Exception exception);
}
