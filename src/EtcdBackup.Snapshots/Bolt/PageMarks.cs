using EtcdBackup.Snapshots.Files;

namespace EtcdBackup.Snapshots.Bolt;

/// <summary>Which pages were reached: each must be used once, or free.</summary>
/// <param name="count">How many pages the file has.</param>
internal sealed class PageMarks(ulong count)
{
    private readonly ulong[] _seen = new ulong[(count / 64) + 1];

    /// <summary>Marks some pages.</summary>
    /// <exception cref="SnapshotCorruptException">One was marked before.</exception>
    public void Mark(ulong first, long pages)
    {
        for (var id = first; id < first + (ulong)pages; id++)
        {
            ref var word = ref _seen[id / 64];
            var bit = 1UL << (int)(id % 64);
            if ((word & bit) != 0)
            {
                throw BoltFile.Corrupt(id, "it is referred to twice");
            }

            word |= bit;
        }
    }

    /// <summary>Checks that all are marked.</summary>
    /// <exception cref="SnapshotCorruptException">One is not.</exception>
    public void CheckNothingLost()
    {
        for (ulong id = 0; id < count; id++)
        {
            if ((_seen[id / 64] & (1UL << (int)(id % 64))) == 0)
            {
                throw BoltFile.Corrupt(id, "it is neither used nor free");
            }
        }
    }
}
