namespace EtcdBackup.Stores;

/// <summary>The store refuses to delete an object: it is immutable for a time, or we lack the right. Retrying soon does not help.</summary>
public sealed class DeleteRefusedException(string message, Exception? inner = null) : StoreException(message, inner);
