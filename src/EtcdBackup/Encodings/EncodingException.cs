using EtcdBackup.Stores;

namespace EtcdBackup.Encodings;

/// <summary>Stored bytes cannot be opened: they were damaged, cut short or changed. The message says which.</summary>
public sealed class EncodingException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>There is no key for what was asked; the stored bytes may well be sound. The message says what to configure.</summary>
public sealed class BackupKeyException(string message, Exception? inner = null) : StoreException(message, inner);
