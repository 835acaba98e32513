namespace EtcdBackup.Stores;

/// <summary>A store could not do what was asked; the message says which store, why, and what to do.</summary>
public class StoreException(string message, Exception? inner = null) : IOException(message, inner);
