namespace EtcdBackup.Snapshots.Bolt;

/// <summary>Where a value is, for as long as the file is open.</summary>
internal readonly record struct BoltPlace(BoltFile File, long Offset, long Length)
{
    /// <summary>The value there.</summary>
    public BoltValue Value => new(File, Offset, Length, default);
}
