namespace EtcdBackup.Tls;

/// <summary>A TLS connection cannot be made; the message says why and what to do, in one sentence.</summary>
public sealed class TlsFaultException(string message, Exception? inner = null) : Exception(message, inner);
