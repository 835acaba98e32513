namespace EtcdBackup.Scheduling;

/// <summary>Limits how much work of one kind runs at once. The most overdue goes first.</summary>
internal sealed class Slots(int count)
{
    private readonly StoreSlots _slots = new(count, spare: 0);

    /// <summary>How many slots there are, how many are taken, and how many wait for one.</summary>
    public (int Count, int Used, int Waiting) Usage => _slots.Usage;

    /// <summary>Waits for a slot; dispose the result to free it.</summary>
    /// <param name="due">When the work was due.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<IDisposable> EnterAsync(DateTimeOffset due, CancellationToken cancellationToken) =>
        _slots.EnterAsync("", due, cancellationToken);
}
