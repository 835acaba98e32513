using EtcdBackup.Stores;

namespace EtcdBackup.Encodings;

/// <summary>There is no key for what was asked; the stored bytes may well be sound. The message says what to configure.</summary>
public sealed class BackupKeyException(string message, Exception? inner = null) : StoreException(message, inner);
