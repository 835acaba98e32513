namespace EtcdBackup.Stores;

/// <summary>The store has no room left; older backups are untouched.</summary>
internal sealed class StoreFullException(string message, Exception? inner = null) : StoreException(message, inner);
