namespace EtcdBackup.Stores;

/// <summary>What was sent of an object is no longer there.</summary>
internal sealed class UploadGoneException(string message, Exception? inner = null) : StoreException(message, inner);
