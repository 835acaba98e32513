namespace EtcdBackup.Scheduling;

/// <summary>Bounds how much of one kind goes on at once. The most overdue goes first.</summary>
internal sealed class Slots(int count)
{
    private readonly StoreSlots _slots = new(count, spare: 0);

    /// <summary>Waits for a slot; dispose what it gives to free the slot.</summary>
    /// <param name="due">When the work was due.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<IDisposable> EnterAsync(DateTimeOffset due, CancellationToken cancellationToken) =>
        _slots.EnterAsync("", due, cancellationToken);
}
