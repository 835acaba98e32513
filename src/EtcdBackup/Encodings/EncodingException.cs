namespace EtcdBackup.Encodings;

/// <summary>Stored bytes cannot be opened: they were damaged, cut short or changed. The message says which.</summary>
public sealed class EncodingException(string message, Exception? inner = null) : IOException(message, inner);
