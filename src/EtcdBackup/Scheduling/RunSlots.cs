namespace EtcdBackup.Scheduling;

/// <summary>
/// Limits how much one silo does at once, however many clusters are overdue. Each kind of work has slots of its own, so that none waits
/// for another.
/// </summary>
/// <param name="Checks">Asking clusters whether anything changed.</param>
/// <param name="Rechecks">The same for clusters whose last run failed: an etcd that does not answer occupies a slot for long.</param>
/// <param name="Snapshots">Taking snapshots, by the store that they go to.</param>
/// <param name="Verifications">Reading backups back on request.</param>
/// <param name="Scrubs">Reading backups back by schedule.</param>
internal sealed record RunSlots(Slots Checks, Slots Rechecks, StoreSlots Snapshots, Slots Verifications, Slots Scrubs)
{
    /// <summary>The slots of a silo.</summary>
    /// <param name="checks">Clusters asked at once.</param>
    /// <param name="snapshots">Snapshots at once.</param>
    public static RunSlots Of(int checks, int snapshots) =>
        new(new Slots(checks), new Slots(Math.Max(1, checks / 2)), new StoreSlots(snapshots), new Slots(2), new Slots(1));
}
