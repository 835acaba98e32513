using EtcdBackup.Stores;

namespace EtcdBackup.ChangeLog;

/// <summary>Where this silo keeps segments whose store is away, and how much room those of all clusters have together.</summary>
/// <param name="disk">The directory, as a store.</param>
/// <param name="most">The room: bytes of the segments, uncompressed; 0: nothing is kept.</param>
internal sealed class SpoolDisk(IBackupStore disk, long most)
{
    private long _used;

    /// <summary>The directory, as a store.</summary>
    public IBackupStore Disk => disk;

    /// <summary>Takes room, if there is as much.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= most)
        {
            return true;
        }

        GiveBack(bytes);
        return false;
    }

    /// <summary>Counts what is there already.</summary>
    public void Count(long bytes) => Interlocked.Add(ref _used, bytes);

    /// <summary>Gives room back.</summary>
    public void GiveBack(long bytes) => Interlocked.Add(ref _used, -bytes);
}
