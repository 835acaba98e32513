namespace EtcdBackup.Stores;

/// <summary>A store could not do what was asked; the message says which store, why, and what to do.</summary>
public class StoreException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>The store has no room left; older backups are untouched.</summary>
public sealed class StoreFullException(string message, Exception? inner = null) : StoreException(message, inner);

/// <summary>What was sent of an object is no longer there.</summary>
public sealed class UploadGoneException(string message, Exception? inner = null) : StoreException(message, inner);

/// <summary>The store keeps an object by rule: it is immutable for a time, or we may not delete. Trying again soon is of no use.</summary>
public sealed class DeleteRefusedException(string message, Exception? inner = null) : StoreException(message, inner);
