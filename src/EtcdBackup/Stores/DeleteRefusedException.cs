namespace EtcdBackup.Stores;

/// <summary>The store keeps an object by rule: it is immutable for a time, or we may not delete. Trying again soon is of no use.</summary>
public sealed class DeleteRefusedException(string message, Exception? inner = null) : StoreException(message, inner);
